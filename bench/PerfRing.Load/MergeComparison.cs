using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using PerfRing.Testing;

namespace PerfRing.Load;

/// <summary>Reads full rings ring by ring and merged, in turns. The rings are scripted: what is compared is the reader's work.</summary>
internal static class MergeComparison
{
    private const int Pages = 16;
    private const int WarmUp = 50;

    internal static void Run(int slices)
    {
        using CpuAffinity pinned = CpuAffinity.Pin(Thread.GetCurrentProcessorId());
        Console.WriteLine($"scripted rings of {Pages * Environment.SystemPageSize >> 10} KiB, full; {slices} slices a way, in turns; median ns a record");
        Console.WriteLine($"{"rings",-6}{"payload",-9}{"in a row",-10}{"held",-8}{"ring by ring",14}{"merged",10}{"ratio",8}");
        foreach (int rings in (int[])[2, 16])
        {
            foreach (int payload in (int[])[8, 64])
            {
                foreach (int row in (int[])[1, 16])
                {
                    Compare(rings, payload, row, holdsBack: false, slices);
                    Compare(rings, payload, row, holdsBack: true, slices);
                }
            }
        }
    }

    private static void Compare(int count, int payload, int row, bool holdsBack, int slices)
    {
        FakePerfRing[] rings = [.. Enumerable.Range(0, count).Select(static cpu => new FakePerfRing(pages: Pages, cpu: cpu))];
        using FakeReader reader = new(rings);
        Clock clock = new();
        FakeSample sample = new() { Payload = new byte[payload] };
        int records = Fill(rings, sample, row, clock);
        Drain(reader);

        // All that one filling brings, and no more, is held back for the next round.
        using MergedReader merged = reader.Merged(new MergeOptions
        {
            HoldBack = TimeSpan.FromTicks(holdsBack ? records / 10 : 0),
            MaximumBytes = 1L << 32,
            Time = clock,
        });
        List<double>[] times = [[], []];
        for (int slice = -WarmUp; slice < slices; slice++)
        {
            for (int way = 0; way < times.Length; way++)
            {
                Fill(rings, sample, row, clock);
                long start = Stopwatch.GetTimestamp();
                long read = way == 0 ? Drain(reader) : DrainMerged(merged);
                double time = Stopwatch.GetTimestamp() - start;
                if (slice >= 0 && read != 0)
                    times[way].Add(time / read);
            }
        }

        foreach (FakePerfRing ring in rings)
            ring.Dispose();

        double[] median = [.. times.Select(static t => t.Order().ElementAt(t.Count / 2))];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count,-6}{payload,-9}{row,-10}{(holdsBack ? "a lap" : "no"),-8}{median[0],14:0.00}{median[1],10:0.00}{median[1] / median[0],8:0.0}"));
    }

    /// <summary>Fills the rings, some records in a row into each; one of a hundred has a stamp from in between.</summary>
    private static int Fill(FakePerfRing[] rings, in FakeSample sample, int row, Clock clock)
    {
        int records = 0;
        while (true)
        {
            FakePerfRing ring = rings[records / row % rings.Length];
            clock.Now += 1;
            long stamp = clock.Now - (records % 100 == 99 ? 3 * row * rings.Length : 0);
            if (!ring.Write(sample with { Time = (ulong)stamp }))
                return records;

            records++;
        }
    }

    private static long Drain(FakeReader reader)
    {
        long records = 0;
        ulong sum = 0;
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                sum += BinaryPrimitives.ReadUInt64LittleEndian(record.Bytes[16..]) + record.Time;
                records++;
            }
        }

        return sum == 0 ? throw new InvalidOperationException("Nothing was read: the comparison is void.") : records;
    }

    private static long DrainMerged(MergedReader merged)
    {
        long records = 0;
        ulong sum = 0;
        using (MergedBatch batch = merged.Read(TimeSpan.Zero))
        {
            foreach (MergedRecord record in batch)
            {
                sum += BinaryPrimitives.ReadUInt64LittleEndian(record.Record.Bytes[16..]) + record.Time;
                records++;
            }
        }

        return records != 0 && sum == 0 ? throw new InvalidOperationException("The comparison is void.") : records;
    }

    private sealed class Clock : TimeProvider
    {
        internal long Now { get; set; } = 1_000_000_000;

        public override long GetTimestamp() => Now;
    }
}
