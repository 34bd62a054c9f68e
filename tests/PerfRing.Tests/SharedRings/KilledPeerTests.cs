using System.Buffers.Binary;
using System.Diagnostics;
using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>The only writer, or the reader, or a writer that was stopped: killed.</summary>
public sealed class KilledPeerTests
{
    private const int StopSignal = 19;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void The_only_writer_dies_again_and_again_and_loses_only_what_it_had_not_published(int publishEvery)
    {
        const int lives = 6;
        using ProgressFile progress = new(lives);
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 16384, Producers = SharedRingProducers.One });
        using SharedRingReader reader = SharedRingReader.Open(ring);
        long[] delivered = new long[lives];
        for (int life = 0; life < lives; life++)
        {
            using PeerProcess peer = PeerProcess.Start("write-alone", ring, progress.Path, publishEvery, life);
            long until = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 100);
            while (Stopwatch.GetTimestamp() < until)
                Check(reader, delivered);

            peer.Kill();
            while (Check(reader, delivered))
            {
            }
        }

        long[] published = progress.Numbers();
        for (int life = 0; life < lives; life++)
            Assert.InRange(delivered[life], Math.Max(1, published[life]), long.MaxValue);

        Assert.Equal(0ul, reader.ReadLosses().Cpus[0].Orphaned);
    }

    [Fact]
    public void A_writer_that_is_stopped_is_waited_for_and_passed_over_when_it_is_killed()
    {
        using ProgressFile progress = new(1);
        using SharedRing ring = SharedRing.CreateAnonymous();
        using SharedRingReader reader = SharedRingReader.Open(ring, Reading.WhenWoken);
        using PeerProcess peer = PeerProcess.Start("reserve", ring, progress.Path);
        Assert.Equal(0, LibC.Result(LibC.SignalThread(peer.Id, peer.Id, StopSignal)));
        Wait.Until(() => State(peer.Id) == 'T', "the process to stop");
        using SharedRingWriter writer = ring.OpenWriter();
        Assert.True(writer.TryWrite(2));
        Assert.Equal(ReadStatus.TimedOut, reader.Next(TimeSpan.FromMilliseconds(200)).Status);
        OtherThread thread = new(() => Assert.Equal((ReadStatus.Records, 1), reader.Next()));
        thread.UntilItSleeps();
        peer.Kill();
        thread.Join();
        Assert.Equal(1ul, reader.ReadLosses().Cpus[0].Orphaned);
    }

    [Fact]
    public void A_reader_that_is_killed_is_followed_by_one_that_goes_on_at_what_was_released()
    {
        using ProgressFile progress = new(3);
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 16384 });
        bool stop = false;
        long written = 0;
        OtherThread writing = new(() =>
        {
            using SharedRingWriter writer = ring.OpenWriter();
            byte[] number = new byte[8];
            while (!Volatile.Read(ref stop))
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, written);
                if (writer.Write(number, TimeSpan.FromMilliseconds(50)))
                    written++;
            }
        });
        for (int life = 0; life < 5; life++)
        {
            using PeerProcess peer = PeerProcess.Start("read", ring, progress.Path);
            long seen = progress.Numbers()[0];
            Wait.Until(() => progress.Numbers()[0] > seen + 1000, "the reader to read");
            peer.Kill();
        }

        Volatile.Write(ref stop, true);
        writing.Join();
        long[] noted = progress.Numbers();
        Assert.Equal(0, noted[2]);
        using SharedRingReader last = SharedRingReader.Open(ring);
        long next = -1;
        using (RecordBatch batch = last.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                long number = BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
                if (next < 0)
                {
                    // What it had read and not released comes again; what it had released does not.
                    Assert.InRange(number, noted[1], noted[0]);
                    next = number;
                }

                Assert.Equal(next++, number);
            }
        }

        Assert.Equal(written, next < 0 ? noted[0] : next);
    }

    private static bool Check(SharedRingReader reader, long[] delivered)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
        {
            int life = (int)BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
            long number = BinaryPrimitives.ReadInt64LittleEndian(record.Payload[8..]);
            Assert.Equal(delivered[life]++, number);
            Assert.Equal(-1, record.Payload[16..].IndexOfAnyExcept((byte)number));
        }

        return batch.Status == ReadStatus.Records;
    }

    private static char State(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }
}
