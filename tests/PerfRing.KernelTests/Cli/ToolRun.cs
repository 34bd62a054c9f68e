using System.Globalization;
using System.Text.RegularExpressions;

namespace PerfRing.KernelTests.Cli;

/// <summary>What a run of the tool that came to its end left behind.</summary>
internal sealed partial record ToolRun(int ExitCode, string Output, string Errors)
{
    internal string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The records that the summary counts.</summary>
    internal long Records => Counted(RecordsLine());

    /// <summary>The losses that the summary counts.</summary>
    internal long Lost => Counted(LostLine());

    /// <summary>The same run, unless it ended with another code.</summary>
    internal ToolRun Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode} instead of {exitCode}\n{Errors}\n{Beginning(Output)}");
        return this;
    }

    private static string Beginning(string text) => text.Length > 2000 ? text[..2000] + "…" : text;

    private long Counted(Regex line)
    {
        Match match = line.Match(Errors);
        Assert.True(match.Success, $"no summary in: {Errors}");
        return long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^records\s+(\d+) in ", RegexOptions.Multiline)]
    private static partial Regex RecordsLine();

    [GeneratedRegex(@"^lost\s+(\d+)$", RegexOptions.Multiline)]
    private static partial Regex LostLine();
}
