namespace PerfRing;

/// <summary>The running kernel has no tracepoint of that name.</summary>
/// <remarks>The message offers the nearest names:
/// <c>no tracepoint 'sched:sched_swich': did you mean sched:sched_switch?</c></remarks>
public sealed class TracepointNotFoundException : PerfRingException
{
    internal TracepointNotFoundException(string tracepoint, IReadOnlyList<string> suggestions, string listing)
        : base(Describe(tracepoint, suggestions, listing))
    {
        Tracepoint = tracepoint;
        Suggestions = suggestions;
    }

    /// <summary>The name that was asked for, as <c>subsystem:name</c>.</summary>
    public string Tracepoint { get; }

    /// <summary>The nearest names that the kernel has, best first, at most five; empty where none comes near.</summary>
    public IReadOnlyList<string> Suggestions { get; }

    private static string Describe(string tracepoint, IReadOnlyList<string> suggestions, string listing)
    {
        if (suggestions.Count == 0)
        {
            return $"no tracepoint '{tracepoint}', and none with a name like it: {listing} lists them all; "
                + "a module brings its own only when it is loaded";
        }

        string last = suggestions[^1];
        string others = string.Join(", ", suggestions.Take(suggestions.Count - 1));
        return $"no tracepoint '{tracepoint}': did you mean {others}{(others.Length == 0 ? "" : " or ")}{last}?";
    }
}
