namespace PerfRing;

/// <summary>What the records of one tracepoint hold: the kernel's description in <c>events/*/*/format</c> of tracefs.</summary>
/// <remarks>
/// <code>
/// TracepointFormat format = TracepointFormat.Load("sched:sched_switch");
/// TracepointField next = format.FindField("next_pid") ?? throw …;
/// long pid = next.ReadInt64(record.Payload);
/// </code>
/// The description belongs to the running kernel: ids and offsets differ between kernels and builds, so load it where
/// the records are read, or keep its text beside recorded ones. Look fields up once, not per record. Immutable: any thread
/// may use it at any time.
/// </remarks>
public sealed partial class TracepointFormat
{
    private readonly TracepointField[] _fields;

    private TracepointFormat(string subsystem, string name, int id, TracepointField[] fields)
    {
        Subsystem = subsystem;
        Name = name;
        Id = id;
        _fields = fields;
        Fields = Array.AsReadOnly(fields);
    }

    /// <summary>The subsystem that the tracepoint belongs to, such as <c>sched</c>; empty where <see cref="Parse"/> wasn't
    /// told.</summary>
    public string Subsystem { get; }

    /// <summary>The tracepoint's name within its subsystem, such as <c>sched_switch</c>.</summary>
    public string Name { get; }

    /// <summary>The number of the tracepoint in the running kernel: perf_event_open(2) takes it as <c>config</c>, and every
    /// record starts with it as <c>common_type</c>.</summary>
    public int Id { get; }

    /// <summary>All fields in the order of the description, the common ones first.</summary>
    public IReadOnlyList<TracepointField> Fields { get; }

    /// <summary>Reads the running kernel's description of a tracepoint.</summary>
    /// <param name="tracepoint">The name, <c>subsystem:name</c>.</param>
    /// <exception cref="ArgumentException">The text is not of that form; no file has been touched.</exception>
    /// <exception cref="TracepointNotFoundException">The kernel has no such tracepoint; the nearest names are
    /// suggested.</exception>
    /// <exception cref="TracingUnavailableException">tracefs is not mounted, or the description may not be read.</exception>
    /// <exception cref="FormatException">The kernel's description has a form that this version doesn't know.</exception>
    public static TracepointFormat Load(string tracepoint)
    {
        TracepointName name = TracepointName.Parse(tracepoint, nameof(tracepoint));
        return Load(name, TracingFileSystem.Find());
    }

    /// <summary>Reads a tracepoint's description from a given tracefs.</summary>
    internal static TracepointFormat Load(TracepointName name, TracingFileSystem tracing)
    {
        try
        {
            return Parse(tracing.ReadFormat(name), name.Subsystem);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{name}: {e.Message}", e);
        }
    }

    /// <summary>The field of a name, common ones included, or null.</summary>
    /// <param name="name">The name, in the kernel's spelling.</param>
    public TracepointField? FindField(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (TracepointField field in _fields)
        {
            if (field.Name == name)
                return field;
        }

        return null;
    }

    /// <summary>The full name, <c>subsystem:name</c>.</summary>
    public override string ToString() => $"{Subsystem}:{Name}";
}
