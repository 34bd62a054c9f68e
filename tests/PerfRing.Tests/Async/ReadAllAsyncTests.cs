using PerfRing.Testing;

namespace PerfRing.Tests.Async;

public sealed class ReadAllAsyncTests
{
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Each_record_is_released_before_it_is_handed_out_and_no_other()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        ring.WriteNumbers(1, 5);
        long size = reader.AvailableBytes / 5;
        await using IAsyncEnumerator<OwnedRecord> all = reader.ReadAllAsync().GetAsyncEnumerator();
        for (int i = 1; i <= 5; i++)
        {
            Assert.True(await all.MoveNextAsync());
            using OwnedRecord record = all.Current;
            Assert.Equal(i, Shown.Number(record.View));
            Assert.Equal((5 - i) * size, reader.AvailableBytes);
        }
    }

    [Fact]
    public async Task Leaving_the_loop_loses_nothing()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(Never, one, two);
        one.WriteNumbers(1, 3);
        two.WriteNumbers(1, 3);
        await foreach (OwnedRecord record in reader.ReadAllAsync())
        {
            record.Dispose();
            break;
        }

        Assert.Equal(5, Shown.Numbers(reader).Count);
        Assert.Equal(0ul, reader.Losses(0).Abandoned + reader.Losses(1).Abandoned);
    }

    [Fact]
    public async Task It_waits_for_what_is_written_later()
    {
        const int records = 2_000;
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        Task writing = Task.Run(() =>
        {
            for (int i = 0; i < records; i++)
            {
                FakeSample sample = Numbered.Sample(i);
                while (!ring.Write(sample))
                    Thread.Yield();

                reader.Nudge();
            }
        });
        long expected = 0;
        long lost = 0;
        await foreach (OwnedRecord record in reader.ReadAllAsync())
        {
            using (record)
            {
                if (record.Kind == RecordKind.Sample)
                    Assert.Equal(expected++, Shown.Number(record.View));
                else
                    lost++;
            }

            if (expected == records)
                break;
        }

        await writing.WaitAsync(Patience);
        Assert.InRange(lost, 0, records);
    }

    [Fact]
    public async Task It_ends_when_the_reader_is_disposed_while_it_waits_and_between_records()
    {
        for (int i = 0; i < 200; i++)
        {
            using FakeFramedRing ring = new();
            FakeReader reader = new(Never, ring.Ring);
            Task<int> counting = Task.Run(async () =>
            {
                int count = 0;
                await foreach (OwnedRecord record in reader.ReadAllAsync())
                {
                    record.Dispose();
                    count++;
                    if (i % 2 == 0)
                        reader.Dispose();
                }

                return count;
            });
            ring.Write(1);
            reader.Nudge();
            if (i % 2 != 0)
            {
                Wait.Until(() => counting.IsCompleted || reader.AvailableBytes == 0, "the record to be taken");
                reader.Dispose();
            }

            Assert.Equal(1, await counting.WaitAsync(Patience));
            Assert.Throws<ObjectDisposedException>(() => reader.ReadAllAsync());
        }
    }

    [Fact]
    public async Task A_canceled_token_ends_it_while_it_waits_and_nothing_is_lost()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        using CancellationTokenSource source = new();
        await using IAsyncEnumerator<OwnedRecord> all = reader.ReadAllAsync().GetAsyncEnumerator(source.Token);
        Task<bool> next = all.MoveNextAsync().AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Patience));
        ring.Write(1);
        Assert.Equal([1], Shown.Numbers(reader));
    }

    [Fact]
    public async Task A_canceled_token_ends_it_between_records_and_nothing_is_lost()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        using CancellationTokenSource source = new();
        ring.WriteNumbers(1, 3);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (OwnedRecord record in reader.ReadAllAsync(source.Token))
            {
                record.Dispose();
                source.Cancel();
            }
        });
        Assert.Equal([2, 3], Shown.Numbers(reader));
    }

    [Fact]
    public async Task A_flush_is_passed_over()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        await using IAsyncEnumerator<OwnedRecord> all = reader.ReadAllAsync().GetAsyncEnumerator();
        Task<bool> next = all.MoveNextAsync().AsTask();
        reader.Flush();
        ring.Write(1);
        reader.Nudge();
        Assert.True(await next.WaitAsync(Patience));
        Assert.Equal(1, Shown.Number(all.Current.View));

        // The mark came before the first record or comes after it, as the poller had it; the second is behind it in any case.
        ring.Write(2);
        Assert.True(await all.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal(2, Shown.Number(all.Current.View));
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public async Task Losses_and_gaps_are_records_of_their_kinds()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        ring.WriteLost(7);
        ring.WriteNumbers(1, 1);
        ring.WriteBytes(new byte[16]);
        List<(RecordKind, ulong, ulong)> seen = [];
        await foreach (OwnedRecord record in reader.ReadAllAsync())
        {
            using (record)
                seen.Add((record.Kind, record.View.LostCount, record.View.SkippedBytes));

            if (seen.Count == 3)
                break;
        }

        Assert.Equal([(RecordKind.Lost, 7, 0), (RecordKind.Sample, 0, 0), (RecordKind.Gap, 0, 16)], seen);
    }

    [Fact]
    public async Task Records_that_are_there_are_handed_out_without_allocating()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        await using IAsyncEnumerator<OwnedRecord> all = reader.ReadAllAsync().GetAsyncEnumerator();
        FakeSample sample = Numbered.Sample(1);
        long before = 0;
        for (int i = 0; i < 3_000; i++)
        {
            if (i == 1_000)
                before = GC.GetAllocatedBytesForCurrentThread();

            ring.Write(sample);
            if (!await all.MoveNextAsync())
                break;

            all.Current.Dispose();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
