using System.Text;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Doctor;

/// <summary>A line for each check, one more for a remedy, and a summary of what can be read.</summary>
internal static class TextReport
{
    /// <summary>As wide as the longest word for a status, and a gap.</summary>
    private const int StatusWidth = 6;

    internal static void Write(OutputBuffer output, EnvironmentReport report)
    {
        int findings = StatusWidth + report.Max(check => check.Name.Length) + 2;
        foreach (EnvironmentCheck check in report)
        {
            int start = output.Length;
            Append(output, WordFor(check.Status));
            output.PadTo(start, StatusWidth);
            Append(output, check.Name);
            output.PadTo(start, findings);
            Append(output, check.Finding);
            output.Append((byte)'\n');
            if (check.Remedy is { } remedy)
            {
                start = output.Length;
                output.PadTo(start, findings);
                Append(output, $"remedy: {remedy}\n");
            }
        }

        Append(output, $"tracepoints: {YesOrNo(report.CanReadTracepoints)}; whole CPUs: {YesOrNo(report.CanReadWholeCpus)}; "
            + $"own process: {YesOrNo(report.CanReadOwnProcess)}; BPF output: {YesOrNo(report.CanReadBpfOutput)}; "
            + $"BPF ring buffers: {YesOrNo(report.CanReadBpfRings)}\n");
    }

    private static void Append(OutputBuffer output, string text) => output.Append(Encoding.UTF8.GetBytes(text));

    private static string WordFor(CheckStatus status) => status switch
    {
        CheckStatus.Passed => "ok",
        CheckStatus.Warning => "warn",
        CheckStatus.Failed => "FAIL",
        _ => "?",
    };

    private static string YesOrNo(bool value) => value ? "yes" : "no";
}
