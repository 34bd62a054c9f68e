using System.Globalization;
using System.Text;

namespace PerfRing.Cli.Reading;

/// <summary>What the user is told at the end.</summary>
internal static class ReadingSummary
{
    internal static void Write(RecordTally tally, RingReader reader, LossLedger losses, TimeSpan elapsed, long? late = null)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        double seconds = elapsed.TotalSeconds;
        StringBuilder text = new();
        text.AppendLine(
            culture, $"records  {tally.Records} in {seconds:0.000} s, {tally.Records / seconds:0} a second");
        text.AppendLine(culture, $"bytes    {tally.Bytes}");
        text.AppendLine(culture, $"wakeups  {reader.Wakeups}");
        foreach (CpuLosses cpu in losses.Cpus.Where(cpu => cpu.Cpu >= 0).OrderBy(cpu => cpu.Cpu))
            text.AppendLine(culture, $"cpu {cpu.Cpu,-4} {tally[cpu.Cpu]} records, {Describe(cpu)}");

        // Producers of perf events take nothing back.
        if (reader is not PerfEventReader)
            text.AppendLine(culture, $"discarded {losses.Cpus.Sum(cpu => (long)cpu.Discarded)}");

        if (late is not null)
            text.AppendLine(culture, $"late     {late}");

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

        if (cpu.OutageCount != 0)
            text += cpu.OutageCount == 1 ? ", 1 outage" : $", {cpu.OutageCount} outages";

        return cpu.Gaps == 0 ? text : $"{text}, {cpu.Gaps} gaps of {cpu.SkippedBytes} bytes";
    }
}
