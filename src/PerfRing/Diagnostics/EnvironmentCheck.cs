namespace PerfRing;

/// <summary>One thing that a reader depends on, as it was found.</summary>
/// <param name="Name">A stable id in lower case with hyphens, such as <c>mlock-budget</c>.</param>
/// <param name="Status">What it came to.</param>
/// <param name="Finding">What was seen, with its figures: one sentence or two, without a line break.</param>
/// <param name="Remedy">What to do about a failure; null unless <paramref name="Status"/> is
/// <see cref="CheckStatus.Failed"/>.</param>
public sealed record EnvironmentCheck(string Name, CheckStatus Status, string Finding, string? Remedy)
{
    internal static EnvironmentCheck Passed(string name, string finding) => new(name, CheckStatus.Passed, finding, null);

    internal static EnvironmentCheck Warning(string name, string finding) => new(name, CheckStatus.Warning, finding, null);

    internal static EnvironmentCheck Failed(string name, string finding, string remedy) =>
        new(name, CheckStatus.Failed, finding, remedy);

    internal static EnvironmentCheck Unknown(string name, string finding) => new(name, CheckStatus.Unknown, finding, null);

    /// <summary>A file that decides could not be read.</summary>
    internal static EnvironmentCheck Unreadable(string name, string file) =>
        Unknown(name, $"/{file} can't be read, or holds something else than the kernel writes there.");
}
