using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

public sealed class DisposeTests
{
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Disposing_unmaps_the_rings()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        new FakeReader(one, two).Dispose();
        Assert.True(one.IsUnmapped && two.IsUnmapped);
    }

    [Fact]
    public void Disposing_closes_what_belongs_to_the_reader()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        reader.Dispose();
        Assert.Equal(1, reader.Closes);
    }

    [Fact]
    public void Disposing_again_does_nothing()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        reader.Dispose();
        reader.Dispose();
        Assert.Equal(1, reader.Closes);
    }

    [Fact]
    public void Disposing_ends_a_wait_with_completed()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(Never, ring);
        ReadStatus status = default;
        OtherThread consumer = new(() => status = reader.StatusOf());
        consumer.UntilItSleeps();
        reader.Dispose();
        consumer.Join();
        Assert.Equal(ReadStatus.Completed, status);
    }

    [Fact]
    public void Memory_stays_until_the_read_that_waited_has_left()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(Never, ring);
        OtherThread consumer = new(() => reader.StatusOf());
        consumer.UntilItSleeps();
        reader.Dispose();
        consumer.Join();
        Assert.Equal((1, true), (reader.Closes, ring.IsUnmapped));
    }

    [Fact]
    public void Disposing_ends_a_drain_that_waits_with_completed()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(Never, ring);
        DrainResult result = default;
        OtherThread consumer = new(() =>
        {
            Counting handler = default;
            result = reader.Drain(ref handler, default, Timeout.InfiniteTimeSpan);
        });
        consumer.UntilItSleeps();
        reader.Dispose();
        consumer.Join();
        Assert.Equal(new DrainResult(ReadStatus.Completed, 0, Stopped: false), result);
    }

    [Fact]
    public void Disposing_in_any_moment_ends_the_wait()
    {
        for (int round = 0; round < 300; round++)
        {
            using FakePerfRing ring = new();
            FakeReader reader = new(Never, ring);
            using ManualResetEventSlim started = new();
            OtherThread consumer = new(() =>
            {
                started.Set();
                try
                {
                    reader.StatusOf();
                }
                catch (ObjectDisposedException)
                {
                    // Disposed before the read began.
                }
            });
            started.Wait();
            Thread.SpinWait(round * 10);
            reader.Dispose();
            consumer.Join();
            Assert.True(ring.IsUnmapped && reader.Closes == 1, $"round {round}");
        }
    }

    [Fact]
    public void Reading_a_disposed_reader_throws()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Draining_a_disposed_reader_throws()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            Counting handler = default;
            reader.Drain(ref handler);
        });
    }

    [Fact]
    public void Flushing_a_disposed_reader_throws()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(reader.Flush);
    }

    [Fact]
    public void A_disposed_reader_has_nothing_available()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        reader.Dispose();
        Assert.Equal(0, reader.AvailableBytes);
    }

    [Fact]
    public void A_batch_that_is_out_keeps_the_memory_readable()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        reader.Dispose();
        Assert.Equal([1, 2, 3], Shown.Numbers(batch));
    }

    [Fact]
    public void The_end_of_the_batch_that_was_out_unmaps()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        reader.Dispose();
        Assert.False(ring.IsUnmapped);
        batch.Dispose();
        Assert.Equal((true, 1), (ring.IsUnmapped, reader.Closes));
    }

    [Fact]
    public void Disposing_a_batch_again_after_its_reader_does_nothing()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        reader.Dispose();
        batch.Dispose();
        batch.Dispose();
        Assert.Equal(1, reader.Closes);
    }

    [Fact]
    public void Reading_while_the_last_batch_of_a_disposed_reader_is_out_throws_that_it_is_disposed()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_batch_disposed_while_another_thread_disposes_the_reader_unmaps_once()
    {
        for (int round = 0; round < 300; round++)
        {
            using FakePerfRing ring = new();
            FakeReader reader = new(ring);
            ring.WriteNumbers(1, 3);
            using Barrier together = new(2);
            OtherThread disposer = new(() =>
            {
                together.SignalAndWait();
                reader.Dispose();
            });
            RecordBatch batch = reader.Read(TimeSpan.Zero);
            together.SignalAndWait();
            batch.Dispose();
            disposer.Join();
            Assert.True(ring.IsUnmapped && reader.Closes == 1, $"round {round}");
        }
    }

    [Fact]
    public void Disposing_in_any_moment_of_reads_that_follow_each_other_unmaps_once()
    {
        // Two threads for all rounds: the moment that counts is a few instructions long, and a new thread comes too late for it.
        const int rounds = 2_000;
        using Barrier together = new(2);
        FakePerfRing? ring = null;
        FakeReader? reader = null;
        OtherThread consumer = new(() =>
        {
            for (int round = 0; round < rounds; round++)
            {
                together.SignalAndWait();
                try
                {
                    while (reader!.StatusOf(TimeSpan.Zero) != ReadStatus.Completed)
                    {
                    }
                }
                catch (ObjectDisposedException)
                {
                    // It came between two reads.
                }

                together.SignalAndWait();
            }
        });
        for (int round = 0; round < rounds; round++)
        {
            ring = new FakePerfRing();
            reader = new FakeReader(ring);
            ring.WriteNumbers(1, 3);
            Assert.True(together.SignalAndWait(Patience));
            Thread.SpinWait(round % 64);
            reader.Dispose();
            Assert.True(together.SignalAndWait(Patience));
            Assert.True(ring.IsUnmapped && reader.Closes == 1, $"round {round}");
            ring.Dispose();
        }

        consumer.Join();
    }

    [Fact]
    public void Looking_at_what_is_available_while_the_reader_is_disposed_is_safe()
    {
        for (int round = 0; round < 100; round++)
        {
            using FakePerfRing ring = new();
            FakeReader reader = new(ring);
            ring.WriteNumbers(1, 3);
            using Barrier together = new(2);
            OtherThread looker = new(() =>
            {
                together.SignalAndWait();
                while (reader.AvailableBytes != 0)
                {
                }
            });
            together.SignalAndWait();
            Thread.SpinWait(round * 20);
            reader.Dispose();
            looker.Join();
            Assert.Equal(1, reader.Closes);
        }
    }
}
