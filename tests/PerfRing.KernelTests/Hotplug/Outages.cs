using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Hotplug;

/// <summary>What the tests of outages do again and again.</summary>
internal static class Outages
{
    internal const string SwitchName = "sched:sched_switch";

    /// <summary>How soon the watch sees to a CPU: a second for one that was away for a moment, and twenty times that on a busy
    /// machine.</summary>
    internal static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    internal static PerfEventReader Open(PerfEventSource source) =>
        PerfEventReader.Open(source, new PerfEventReaderOptions { StartDisabled = false, BufferSize = 1 << 20 });

    internal static void Off(CpuSwitch cpu, PerfEventReader reader, ReadingOn reading, int round)
    {
        cpu.Off();
        Wait.Until(() => reader.IsCpuAway(RingOf(reader, cpu.Cpu)), "the outage to be noticed", Soon);
        CpuLosses losses = LossesOf(reader, cpu.Cpu);
        Assert.Equal(round, losses.OutageCount);
        Assert.Null(losses.Outages[^1].End);
        reading.ThrowIfFailed();
    }

    internal static void IsBack(PerfEventReader reader, int cpu, int outages) => Wait.Until(
        () => !reader.IsCpuAway(RingOf(reader, cpu)) && LossesOf(reader, cpu).OutageCount == outages,
        $"outage {outages} to be over",
        Soon,
        () => string.Join(", ", LossesOf(reader, cpu).Outages));

    internal static void ReceiveMore(ReadingOn reading)
    {
        long before = reading.Samples;
        Wait.Until(
            () =>
            {
                reading.ThrowIfFailed();
                return reading.Samples > before + 20;
            },
            "records of the CPU",
            Soon);
    }

    /// <summary>What was delivered and what was lost is what the kernel counted, over all events of the CPU.</summary>
    internal static void AddsUp(PerfEventReader reader, ReadingOn reading, int cpu, int sources)
    {
        PerfEventCount[] counts = [.. reader.ReadCounts().Where(count => count.Cpu == cpu)];
        Assert.Equal(sources, counts.Length);
        Assert.Equal(
            counts.Aggregate(0ul, (sum, count) => sum + count.Value),
            (ulong)reading.Samples + LossesOf(reader, cpu).Lost!.Value);
        Assert.Equal(LossesOf(reader, cpu).Lost, counts.Aggregate(0ul, (sum, count) => sum + count.Lost!.Value));
    }

    internal static void AreInOrder(IReadOnlyList<CpuOutage> outages)
    {
        ulong last = 0;
        foreach (CpuOutage outage in outages)
        {
            Assert.True(last < outage.Begin && outage.Begin < outage.End, string.Join(", ", outages));
            Assert.Null(outage.Refusal);
            last = outage.End.Value;
        }
    }

    internal static CpuLosses LossesOf(PerfEventReader reader, int cpu) => reader.ReadLosses().Cpus.Single(ring => ring.Cpu == cpu);

    internal static int RingOf(PerfEventReader reader, int cpu) => reader.Cpus.TakeWhile(other => other != cpu).Count();

    internal static int Threads() => Directory.GetDirectories("/proc/self/task").Length;

    internal static long SamplesOf(PerfEventReader reader, int cpu)
    {
        long samples = 0;
        using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
        foreach (Record record in batch)
            samples += record.Kind == RecordKind.Sample && record.Cpu == cpu ? 1 : 0;

        return samples;
    }

    internal static void SpinFor(TimeSpan time)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
            Thread.SpinWait(10);
    }
}
