using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>Two threads that each wait for the other's word, without a bound: one wakeup that gets lost, and they wait for
/// ever.</summary>
public sealed class PingPongTests
{
    private const int Rounds = 50_000;

    /// <summary>A look after so long would hide no lost wakeup: it ends the test.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(SharedRingProducers.One, false)]
    [InlineData(SharedRingProducers.One, true)]
    [InlineData(SharedRingProducers.Many, false)]
    [InlineData(SharedRingProducers.Many, true)]
    public void No_wakeup_is_lost(SharedRingProducers producers, bool isAsymmetric)
    {
        using SharedRing there = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = producers }, isAsymmetric);
        using SharedRing back = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = producers }, isAsymmetric);
        OtherThread echo = new(() => Play(there, back, begins: false));
        OtherThread call = new(() => Play(back, there, begins: true));
        call.Join();
        echo.Join();
    }

    /// <summary>The same for room: a ring that holds two records, a writer that waits for room, a reader that waits for
    /// records.</summary>
    [Theory]
    [InlineData(SharedRingProducers.One, false)]
    [InlineData(SharedRingProducers.One, true)]
    [InlineData(SharedRingProducers.Many, false)]
    [InlineData(SharedRingProducers.Many, true)]
    public void No_wakeup_for_room_is_lost(SharedRingProducers producers, bool isAsymmetric)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = producers }, isAsymmetric);
        using SharedRingReader reader = SharedRingReader.Open(ring, Reading.WhenWoken);
        OtherThread writing = new(() =>
        {
            using SharedRingWriter writer = ring.OpenWriter();
            byte[] half = new byte[(ring.Capacity / 2) - 8];
            for (int round = 0; round < Rounds; round++)
            {
                BitConverter.TryWriteBytes(half, round);
                Assert.True(writer.Write(half, Timeout.InfiniteTimeSpan));
            }
        });
        for (int next = 0; next < Rounds;)
        {
            using RecordBatch batch = reader.Read(Patience);
            Assert.True(batch.Status == ReadStatus.Records);
            foreach (Record record in batch)
                Assert.True(BitConverter.ToInt32(record.Payload) == next++);

            // Now and then the writer is given the time to fall asleep.
            if ((next & 255) == 0)
                Thread.Yield();
        }

        writing.Join();
    }

    private static void Play(SharedRing hears, SharedRing says, bool begins)
    {
        using SharedRingReader reader = SharedRingReader.Open(hears, Reading.WhenWoken);
        using SharedRingWriter writer = says.OpenWriter();
        for (int round = 0; round < Rounds; round++)
        {
            // So that sleeping, lingering and being awake all meet a record that comes.
            if (begins)
            {
                Thread.SpinWait(round % 300);
                Assert.True(writer.TryWrite((byte)round));
            }

            using (RecordBatch batch = reader.Read(Patience))
            {
                Assert.True(batch.Status == ReadStatus.Records);
                foreach (Record record in batch)
                    Assert.True(record.Payload[0] == (byte)round);
            }

            if (!begins)
                Assert.True(writer.TryWrite((byte)round));
        }
    }
}
