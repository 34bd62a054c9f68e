using System.Globalization;
using System.Text;

namespace PerfRing.Cli.Trace;

/// <summary>What the user is told at the end.</summary>
internal static class TraceSummary
{
    internal static void Write(TraceTally tally, LossLedger losses, long wakeups, TimeSpan elapsed)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        double seconds = elapsed.TotalSeconds;
        StringBuilder text = new();
        text.AppendLine(
            culture, $"records  {tally.Records} in {seconds:0.000} s, {tally.Records / seconds:0} a second");
        text.AppendLine(culture, $"bytes    {tally.Bytes}");
        text.AppendLine(culture, $"wakeups  {wakeups}");
        foreach (CpuLosses cpu in losses.Cpus.OrderBy(cpu => cpu.Cpu))
            text.AppendLine(culture, $"cpu {cpu.Cpu,-4} {tally[cpu.Cpu]} records, {Describe(cpu)}");

        text.AppendLine(culture, $"lost     {(losses.Lost is { } lost ? lost : "unknown")}");
        Diagnostics.Write(text.ToString());
    }

    private static string Describe(CpuLosses cpu)
    {
        string text = cpu.Lost is { } lost ? $"{lost} lost"
            : cpu.Noticed == 0 ? "losses unknown"
            : $"losses unknown, {cpu.Noticed} noticed";
        if (cpu.Abandoned != 0)
            text += $", {cpu.Abandoned} abandoned";

        return cpu.Gaps == 0 ? text : $"{text}, {cpu.Gaps} gaps of {cpu.SkippedBytes} bytes";
    }
}
