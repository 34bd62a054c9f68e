using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.Staging;

/// <summary>Producer, native thread and consumer at full speed: what the barriers are for.</summary>
public sealed class StagedProducerTests
{
    private const int Produced = 1_000_000;

    private static readonly Wakeup Often = Wakeup.Polled.Within(TimeSpan.FromMicroseconds(20));

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void Every_record_of_a_perf_ring_is_delivered_or_counted(int pages)
    {
        using FakePerfRing kernel = new(start: ulong.MaxValue - (1ul << 20) + 1);
        using StagedFake staged = StagedFake.Of(kernel, Often, OfPages(pages));
        long next = 0;
        Run(
            staged.Reader,
            number => kernel.Write(new FakeSample { Time = (ulong)number, ThreadId = (int)number, Payload = Payload(number) }),
            record =>
            {
                if (record.Kind == RecordKind.Lost)
                    next += (long)record.LostCount;
                else if (record.Time != (ulong)next || record.ThreadId != (int)next++)
                    Assert.Fail($"{record.Kind} {record.Time} of thread {record.ThreadId} where {next} was due");
            });
        Assert.Equal(Produced, next + (long)kernel.Unreported);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void Every_record_of_a_BPF_ring_buffer_is_delivered_discarded_or_refused(int pages)
    {
        using FakeFramedRing kernel = new(start: ulong.MaxValue - (1ul << 20) + 1);
        using StagedFake staged = StagedFake.Of(kernel, Often, OfPages(pages));
        long refused = 0;
        long discarded = 0;
        long accepted = 0;
        long delivered = 0;
        long last = -1;
        Run(
            staged.Reader,
            number =>
            {
                if (kernel.Reserve(number, 8 + (int)(number % 40)) is not { } position)
                {
                    refused++;
                }
                else if (number % 7 == 0)
                {
                    discarded++;
                    kernel.Discard(position);
                }
                else
                {
                    accepted++;
                    kernel.Commit(position);
                }
            },
            record =>
            {
                long number = Shown.Number(record);
                if (number <= last || number % 7 == 0 || record.Payload.Length != 8 + (int)(number % 40))
                    Assert.Fail($"{number} with {record.Payload.Length} bytes behind {last}");

                last = number;
                delivered++;
            });
        Assert.Equal(accepted, delivered);
        Assert.Equal(discarded, (long)staged.Reader.Losses().Discarded);
        Assert.Equal(Produced, delivered + discarded + refused);
        Assert.NotEqual(0, delivered);
    }

    private static StagingOptions OfPages(int pages) => new() { Capacity = pages * Environment.SystemPageSize };

    private static byte[] Payload(long number) => Payloads[number % Payloads.Length];

    private static byte[][] Payloads { get; } = [.. Enumerable.Range(0, 50).Select(static length => new byte[length])];

    /// <summary>Produces on a thread of its own, and consumes until everything is there.</summary>
    private static void Run(RingReader reader, Action<long> produce, Take take)
    {
        bool over = false;
        bool failed = false;
        OtherThread producer = new(() =>
        {
            for (long number = 0; number < Produced && !Volatile.Read(ref failed); number++)
                produce(number);

            Volatile.Write(ref over, true);
        });
        try
        {
            while (true)
            {
                bool last = Volatile.Read(ref over);
                using (RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(1)))
                {
                    foreach (Record record in batch)
                        take(record);
                }

                if (last && !reader.HasMore())
                    break;
            }
        }
        finally
        {
            // It must not write into memory that is gone.
            Volatile.Write(ref failed, true);
            producer.Join();
        }
    }

    private delegate void Take(Record record);
}
