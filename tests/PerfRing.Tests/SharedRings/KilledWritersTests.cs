using System.Buffers.Binary;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>Writers in processes that are killed at random points, a thousand of them, with every record accounted for.</summary>
public sealed class KilledWritersTests
{
    private const int Processes = 70;
    private const int AtOnce = 3;

    /// <summary>Writers in one process: few meet death while they run, many while they wait for each other. The ring has places
    /// for all that live at once.</summary>
    private static readonly int[] Writers = [18, 20, 1, 20, 20, 19, 2, 20];

    [Fact]
    public void A_thousand_killed_writers_lose_nothing_that_they_committed_and_stop_nobody()
    {
        int[] counts = [.. Enumerable.Range(0, Processes).Select(i => Writers[i % Writers.Length])];
        int total = counts.Sum();
        Assert.True(total >= 1000);
        using ProgressFile progress = new(total);
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 16384 });
        using SharedRingReader reader = SharedRingReader.Open(ring);
        long[] delivered = new long[total];
        int alive = AtOnce;
        OtherThread[] killers =
        [
            .. Enumerable.Range(0, AtOnce).Select(lane => new OtherThread(() =>
            {
                try
                {
                    for (int i = lane; i < Processes; i += AtOnce)
                        StartAndKill(ring, progress, counts[..i].Sum(), counts[i], i);
                }
                finally
                {
                    Interlocked.Decrement(ref alive);
                }
            })),
        ];
        while (Volatile.Read(ref alive) > 0)
            Check(reader, TimeSpan.FromMilliseconds(10), delivered);

        foreach (OtherThread killer in killers)
            killer.Join();

        // Whoever was in the middle of something is gone: what is left is read without waiting for anybody.
        while (Check(reader, TimeSpan.Zero, delivered))
        {
        }

        Assert.Equal(0, reader.AvailableBytes);
        long[] committed = progress.Numbers();
        for (int id = 0; id < total; id++)
        {
            // It may have died between the commit and the note, and no later.
            Assert.True(committed[id] > 0, $"writer {id} did not write");
            Assert.InRange(delivered[id], committed[id], committed[id] + 1);
        }

        LossLedger losses = reader.ReadLosses();
        Assert.InRange(losses.Cpus[0].Orphaned, 1ul, (ulong)total);
        Assert.Equal(losses.Cpus[0].Orphaned, losses.Lost);
        Assert.Equal(0ul, losses.Cpus[0].Abandoned);

        // All places are free, the lock is, and the ring goes on.
        SharedRingWriter[] next = [.. Enumerable.Range(0, 64).Select(_ => ring.OpenWriter())];
        foreach (SharedRingWriter writer in next)
        {
            Assert.True(writer.TryWrite(1));
            writer.Dispose();
        }

        Assert.Equal(64, reader.Numbers().Length);
    }

    private static void StartAndKill(SharedRing ring, ProgressFile progress, int first, int writers, int seed)
    {
        using PeerProcess peer = PeerProcess.Start("write", ring, progress.Path, first, writers, seed);
        Thread.SpinWait(new Random(seed).Next(200_000));
        peer.Kill();
    }

    private static bool Check(SharedRingReader reader, TimeSpan timeout, long[] delivered)
    {
        using RecordBatch batch = reader.Read(timeout);
        foreach (Record record in batch)
        {
            ReadOnlySpan<byte> payload = record.Payload;
            int id = (int)BinaryPrimitives.ReadInt64LittleEndian(payload);
            long number = BinaryPrimitives.ReadInt64LittleEndian(payload[8..]);

            // In order, each once, none left out, and as it was written.
            Assert.Equal(delivered[id]++, number);
            for (int i = 16; i < payload.Length; i++)
            {
                if (payload[i] != (byte)(id + number + i))
                    Assert.Fail($"record {number} of writer {id} is not what was written");
            }
        }

        return batch.Status == ReadStatus.Records;
    }
}
