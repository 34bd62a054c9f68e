using System.Diagnostics;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>Another process writes anything anywhere in the memory of a sealed ring while this one reads and writes. What comes
/// out may be anything; but nothing is touched outside the mapping, nothing goes on for ever, and nothing is thrown but
/// <see cref="RingCorruptedException"/>.</summary>
public sealed class HostilePeerTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2.5);

    [Theory]
    [InlineData(SharedRingProducers.One, 1)]
    [InlineData(SharedRingProducers.Many, 2)]
    public void Scribbling_does_no_more_than_corrupt(SharedRingProducers producers, int seed)
    {
        using ProgressFile none = new(1);
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 16384, Producers = producers });
        using PeerProcess hostile = PeerProcess.Start("scribble", ring, none.Path, seed);
        long end = Stopwatch.GetTimestamp() + (long)(Duration.TotalSeconds * Stopwatch.Frequency);
        bool IsOver() => Stopwatch.GetTimestamp() >= end;

        Counts counts = new();
        OtherThread reading = new(() => Survive(ring, counts, IsOver, () => ReadFor(ring, counts, IsOver)));
        OtherThread writing = new(() => Survive(ring, counts, IsOver, () => WriteFor(ring, new Random(seed), IsOver)));
        reading.Join();
        writing.Join();
        hostile.Kill();

        // It did hurt, and it did not stop everything.
        Assert.True(counts.Corruptions > 10, $"{counts.Corruptions} corruptions");
        Assert.True(counts.Records > 10, $"{counts.Records} records");
    }

    private static void Survive(SharedRing ring, Counts counts, Func<bool> isOver, Action action)
    {
        using RawRing raw = new(ring);
        while (!isOver())
        {
            try
            {
                action();
            }
            catch (RingCorruptedException)
            {
                Interlocked.Increment(ref counts.Corruptions);

                // Positions that can be, so that there is something to corrupt again.
                raw[RawRing.Producer] = raw[RawRing.Consumer] = 0;
                raw[RawRing.Lock] = 0;
            }
        }
    }

    private static void ReadFor(SharedRing ring, Counts counts, Func<bool> isOver)
    {
        using SharedRingReader reader = SharedRingReader.Open(ring);
        byte sum = 0;
        while (!isOver())
        {
            using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(2));
            foreach (Record record in batch)
            {
                // Every byte of it can be read.
                foreach (byte one in record.Payload)
                    sum += one;

                Interlocked.Increment(ref counts.Records);
            }
        }

        GC.KeepAlive(sum);
    }

    private static void WriteFor(SharedRing ring, Random random, Func<bool> isOver)
    {
        using SharedRingWriter writer = ring.OpenWriter();
        byte[] payload = new byte[200];
        while (!isOver())
        {
            switch (random.Next(4))
            {
                case 0:
                    writer.TryWrite(payload.AsSpan(0, random.Next(payload.Length)));
                    break;
                case 1:
                    if (writer.TryReserve(random.Next(1000), out SharedRingReservation reservation))
                    {
                        reservation.Bytes.Fill(3);
                        reservation.Commit();
                    }

                    break;
                case 2:
                    writer.Write(payload, TimeSpan.FromMilliseconds(1));
                    break;
                default:
                    using (SharedRingBatchWriter batch = writer.BeginBatch(3))
                    {
                        for (int i = 0; i < 10 && batch.TryWrite(payload.AsSpan(0, random.Next(payload.Length))); i++)
                        {
                        }
                    }

                    break;
            }
        }
    }

    private sealed class Counts
    {
        internal long Corruptions;
        internal long Records;
    }
}
