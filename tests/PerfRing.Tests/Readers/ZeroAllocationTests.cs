using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

/// <summary>Steady state allocates nothing, to the byte.</summary>
public sealed class ZeroAllocationTests
{
    private const long Million = 1_000_000;
    private const int Waits = 10_000;

    [Fact]
    public void A_million_records_by_foreach()
    {
        using FakePerfRing one = new(pages: 4, cpu: 0);
        using FakePerfRing two = new(pages: 4, cpu: 1);
        using FakeReader reader = new(one, two);
        FakeSample sample = Numbered.Sample(7, payload: 20);
        ulong sum = 0;
        long records = 0;
        AssertNothingAllocated(() =>
        {
            while (records < Million)
            {
                Fill(one, sample);
                Fill(two, sample);
                using RecordBatch batch = reader.Read(TimeSpan.Zero);
                foreach (Record record in batch)
                {
                    sum += record.Time + (ulong)record.Payload.Length;
                    records++;
                }
            }

            records = 0;
        });
        Assert.NotEqual(0ul, sum);
    }

    [Fact]
    public void A_million_records_by_drain()
    {
        using FakePerfRing one = new(pages: 4, cpu: 0);
        using FakePerfRing two = new(pages: 4, cpu: 1);
        using FakeReader reader = new(one, two);
        FakeSample sample = Numbered.Sample(7, payload: 20);
        AssertNothingAllocated(() =>
        {
            Counting handler = default;
            while (handler.Records < Million)
            {
                Fill(one, sample);
                Fill(two, sample);
                reader.Drain(ref handler);
            }
        });
    }

    [Fact]
    public void A_million_records_in_bounded_batches_that_are_released_by_hand()
    {
        using FakePerfRing ring = new(pages: 4);
        using FakeReader reader = new(ring);
        FakeSample sample = Numbered.Sample(7, payload: 20);
        ReadBudget budget = ReadBudget.OfRecords(100) with { MaximumTime = TimeSpan.FromHours(1) };
        AssertNothingAllocated(() =>
        {
            for (long records = 0; records < Million;)
            {
                Fill(ring, sample);
                using RecordBatch batch = reader.Read(TimeSpan.Zero, budget, CancellationToken.None);
                foreach (Record record in batch)
                {
                    records++;
                    if (records % 16 == 0)
                        batch.ReleaseThrough(record);
                }
            }
        });
    }

    [Fact]
    public void Losses_call_chains_and_gaps()
    {
        using FakePerfRing ring = new(SampleFields.CallChain | SampleFields.Raw | SampleFields.Time);
        using FakeReader reader = new(ring);
        FakeSample sample = new() { Callers = [1, 2, 3], Payload = new byte[20] };
        ulong sum = 0;
        AssertNothingAllocated(() =>
        {
            for (int round = 0; round < Waits; round++)
            {
                Fill(ring, sample);
                using (RecordBatch batch = reader.Read(TimeSpan.Zero))
                {
                    foreach (Record record in batch)
                        sum += (ulong)record.CallChain.Length + record.LostCount;
                }

                ring.Write(sample);
                ring.WriteHeader(type: 9, claimed: 0, taken: 64);
                using (RecordBatch batch = reader.Read(TimeSpan.Zero))
                {
                    foreach (Record record in batch)
                        sum += record.SkippedBytes;
                }
            }
        });
        Assert.NotEqual(0ul, sum);
    }

    [Fact]
    public void Ten_thousand_looks_at_nothing()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        AssertNothingAllocated(() => Repeat(reader, TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public void Ten_thousand_waits_that_time_out()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        AssertNothingAllocated(() => Repeat(reader, TimeSpan.FromTicks(10), CancellationToken.None));
    }

    [Fact]
    public void Ten_thousand_waits_that_a_token_could_cancel()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using CancellationTokenSource source = new();
        AssertNothingAllocated(() => Repeat(reader, TimeSpan.FromTicks(10), source.Token));
    }

    [Fact]
    public void Ten_thousand_flushes()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        AssertNothingAllocated(() =>
        {
            for (int i = 0; i < Waits; i++)
            {
                reader.Flush();
                reader.StatusOf(TimeSpan.Zero);
            }
        });
    }

    private static void Repeat(FakeReader reader, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (int i = 0; i < Waits; i++)
            reader.StatusOf(timeout, cancellationToken);
    }

    private static void Fill(FakePerfRing ring, in FakeSample sample)
    {
        while (ring.Write(sample))
        {
        }
    }

    private static void AssertNothingAllocated(Action action)
    {
        // The first round may allocate: type initializers, the source's registration, the flush targets.
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
