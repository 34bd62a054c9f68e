using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

/// <summary>Steady state allocates nothing, to the byte.</summary>
public sealed class MergeAllocationTests
{
    private const long Million = 1_000_000;

    private readonly ScriptedClock _clock = new();

    [Theory]
    [InlineData(LateRecords.DeliverMarked)]
    [InlineData(LateRecords.CountAsLost)]
    public void A_million_records_with_inversions_and_late_ones(LateRecords late)
    {
        using FakePerfRing one = new(pages: 4, cpu: 0);
        using FakePerfRing two = new(pages: 4, cpu: 1);
        using FakeReader reader = new(one, two);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 3_000) with { Late = late });
        FakeSample sample = Numbered.Sample(7, payload: 20);
        ulong sum = 0;
        AssertNothingAllocated(() =>
        {
            for (long records = 0; records < Million;)
            {
                Fill(one, sample);
                Fill(two, sample);
                using MergedBatch batch = merged.Read(TimeSpan.Zero);
                foreach (MergedRecord record in batch)
                {
                    sum += record.Time + (ulong)record.Record.Payload.Length;
                    records++;
                }
            }
        });
        Assert.NotEqual(0ul, sum);
        Assert.NotEqual(0, merged.Late);
        Assert.NotEqual(0, merged.HeldRecords);
    }

    [Fact]
    public void A_limit_that_releases_early()
    {
        using FakePerfRing ring = new(pages: 4);
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 1_000_000_000) with { MaximumBytes = 1 << 20 });
        FakeSample sample = Numbered.Sample(7, payload: 20);
        AssertNothingAllocated(() =>
        {
            for (int round = 0; round < 1000; round++)
            {
                Fill(ring, sample);
                merged.StatusOf(TimeSpan.Zero);
            }
        });
        Assert.NotEqual(0, merged.ReleasedEarly);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Ten_thousand_waits_and_flushes(int readers)
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new();
        using FakeReader first = new(one);
        using FakeReader second = new(two);
        RingReader[] all = [first, second];
        using MergedReader merged = MergedReader.Over(all[..readers], new MergeOptions { HoldBack = TimeSpan.Zero });
        using CancellationTokenSource source = new();
        AssertNothingAllocated(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                merged.StatusOf(TimeSpan.FromTicks(10), source.Token);
                one.Write(new FakeSample { Time = (ulong)Stopwatch.GetTimestamp() });
                merged.StatusOf(TimeSpan.FromSeconds(1), source.Token);
                merged.Flush();
                merged.StatusOf(TimeSpan.Zero);
            }
        });
    }

    /// <summary>Fills a ring with records that an interrupt stamped out of order, and now and then one that is late.</summary>
    private void Fill(FakePerfRing ring, in FakeSample sample)
    {
        for (int i = 0; ; i++)
        {
            _clock.Now += 10;
            long age = i % 100 == 99 ? 10_000 : i % 7 == 0 ? 25 : 0;
            if (!ring.Write(sample with { Time = (ulong)(_clock.Now - age) }))
                return;
        }
    }

    private static void AssertNothingAllocated(Action action)
    {
        // The first rounds may allocate: slabs, runs and lists grow to what is held at the most.
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
