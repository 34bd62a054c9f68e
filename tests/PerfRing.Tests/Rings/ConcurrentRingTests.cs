using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.Rings;

/// <summary>Producer and consumer on threads of their own: what the barriers are for.</summary>
public sealed class ConcurrentRingTests
{
    private const int Produced = 2_000_000;

    [Fact]
    public void Every_record_of_a_producer_at_full_speed_is_delivered_or_counted()
    {
        using FakePerfRing ring = new(start: ulong.MaxValue - (1ul << 20) + 1);
        using FakeReader reader = new(ring);
        bool over = false;
        OtherThread producer = new(() =>
        {
            byte[] payload = new byte[20];
            for (int number = 0; number < Produced; number++)
                ring.Write(new FakeSample { Time = (ulong)number, ThreadId = number, Payload = payload });

            Volatile.Write(ref over, true);
        });
        long next = 0;
        while (true)
        {
            bool last = Volatile.Read(ref over);
            using RecordBatch batch = reader.Read(TimeSpan.Zero);
            foreach (Record record in batch)
            {
                // Each sample has the number that the loss notices before it leave for it: nothing torn, nothing old.
                if (record.Kind == RecordKind.Lost)
                    next += (long)record.LostCount;
                else if (record.Time != (ulong)next || record.ThreadId != (int)next++)
                    Assert.Fail($"{record.Kind} {record.Time} of thread {record.ThreadId} where {next} was due");
            }

            if (last && batch.Status == ReadStatus.TimedOut)
                break;
        }

        producer.Join();
        Assert.Equal(Produced, next + (long)ring.Unreported);
    }
}
