using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>When a reader that sleeps is woken, with either fence.</summary>
public sealed class WakingTests : IDisposable
{
    private readonly SharedRing[] _rings =
    [
        .. from producers in new[] { SharedRingProducers.One, SharedRingProducers.Many }
           from isAsymmetric in new[] { false, true }
           select SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = producers }, isAsymmetric),
    ];

    public static TheoryData<int> Kinds { get; } = [0, 1, 2, 3];

    public void Dispose()
    {
        foreach (SharedRing ring in _rings)
            ring.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_record_wakes(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind], Reading.WhenWoken);
        OtherThread thread = new(() => Assert.Equal((ReadStatus.Records, 1), reader.Next()));
        thread.UntilItSleeps();
        Assert.True(writer.TryWrite(1));
        thread.Join();
        Assert.Equal(1, reader.Wakeups);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_reader_that_is_awake_is_not_woken(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind], Reading.WhenWoken);
        Assert.True(writer.TryWrite(1));
        Assert.Equal((ReadStatus.Records, 1), reader.Next());
        Assert.Equal(ReadStatus.TimedOut, reader.Next(TimeSpan.FromMilliseconds(1)).Status);
        Assert.True(writer.TryWrite(1));
        Assert.Equal((ReadStatus.Records, 1), reader.Next());
        Assert.Equal(0, reader.Wakeups);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_record_with_which_the_number_is_reached_wakes_and_no_other(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = Open(kind, Wakeup.AfterEvents(3));
        for (int round = 0; round < 3; round++)
        {
            OtherThread thread = new(() => Assert.Equal((ReadStatus.Records, 3), reader.Next()));
            thread.UntilItSleeps();
            Assert.True(writer.TryWrite(1));
            Assert.True(writer.TryWrite(2));
            AssertAsleep(kind);
            thread.UntilItSleeps();
            Assert.True(writer.TryWrite(3));
            thread.Join();
            Assert.Equal(round + 1, reader.Wakeups);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_record_with_which_the_bytes_are_reached_wakes_and_no_other(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = Open(kind, Wakeup.AfterBytes(100));
        OtherThread thread = new(() => Assert.Equal((ReadStatus.Records, 7), reader.Next()));
        thread.UntilItSleeps();
        for (int i = 0; i < 6; i++)
            Assert.True(writer.TryWrite(1));

        AssertAsleep(kind);
        Assert.True(writer.TryWrite(7));
        thread.Join();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_counts_all_of_its_records(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = Open(kind, Wakeup.AfterEvents(10));
        OtherThread thread = new(() => Assert.Equal((ReadStatus.Records, 10), reader.Next()));
        thread.UntilItSleeps();
        using (SharedRingBatchWriter batch = writer.BeginBatch(100))
        {
            for (byte i = 0; i < 9; i++)
                Assert.True(batch.TryWrite([i]));

            batch.Publish();
            AssertAsleep(kind);
            Assert.True(batch.TryWrite([9]));
        }

        thread.Join();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_polled_reader_is_woken_by_its_delay_alone(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(
            _rings[kind], new() { Wakeup = Wakeup.Polled.Within(TimeSpan.FromMilliseconds(5)) });
        OtherThread thread = new(() => Assert.Equal(ReadStatus.Records, reader.Next().Status));
        thread.UntilItSleeps();
        while (writer.TryWrite(1))
        {
        }

        thread.Join();
        Assert.Equal(0, reader.Wakeups);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Records_below_the_threshold_come_within_the_longest_delay(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(
            _rings[kind], new() { Wakeup = Wakeup.AfterEvents(1000).Within(TimeSpan.FromMilliseconds(5)) });
        OtherThread thread = new(() => Assert.Equal((ReadStatus.Records, 1), reader.Next()));
        thread.UntilItSleeps();
        Assert.True(writer.TryWrite(1));
        thread.Join();
        Assert.Equal(0, reader.Wakeups);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_writer_that_finds_no_room_wakes_whatever_the_threshold(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = Open(kind, Wakeup.AfterEvents(1_000_000));
        OtherThread thread = new(() => Assert.Equal(ReadStatus.Records, reader.Next().Status));
        thread.UntilItSleeps();
        while (writer.TryWrite(1))
        {
        }

        thread.Join();
        Assert.Equal(1, reader.Wakeups);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_writer_that_waits_for_room_wakes_whatever_the_threshold(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        using SharedRingReader reader = Open(kind, Wakeup.AfterEvents(1_000_000));
        OtherThread thread = new(() => Assert.Equal(ReadStatus.Records, reader.Next().Status));
        thread.UntilItSleeps();
        for (int i = 0; i < 1000; i++)
            Assert.True(writer.Write([1], i < 256 ? Timeout.InfiniteTimeSpan : TimeSpan.Zero) || i >= 256);

        thread.Join();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flush_ends_a_sleep_once(int kind)
    {
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind], Reading.WhenWoken);
        OtherThread thread = new(() => Assert.Equal(ReadStatus.Flushed, reader.Next().Status));
        thread.UntilItSleeps();
        reader.Flush();
        thread.Join();
        Assert.Equal(ReadStatus.TimedOut, reader.Next(TimeSpan.FromMilliseconds(1)).Status);
        Assert.Equal(0, reader.Wakeups);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Dispose_ends_a_sleep(int kind)
    {
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind], Reading.WhenWoken);
        OtherThread thread = new(() => Assert.Equal(ReadStatus.Completed, reader.Next().Status));
        thread.UntilItSleeps();
        reader.Dispose();
        thread.Join();
        Assert.Throws<ObjectDisposedException>(() => reader.Next());
        using SharedRingReader next = SharedRingReader.Open(_rings[kind]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Cancellation_ends_a_sleep(int kind)
    {
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind], Reading.WhenWoken);
        using CancellationTokenSource cancellation = new();
        OtherThread thread = new(() => Assert.ThrowsAny<OperationCanceledException>(
            () => reader.Next(Timeout.InfiniteTimeSpan, cancellation.Token)));
        thread.UntilItSleeps();
        cancellation.Cancel();
        thread.Join();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_commit_that_lets_others_through_wakes(int kind)
    {
        using SharedRingWriter first = _rings[kind].OpenWriter();
        using SharedRingWriter second = _rings[kind].OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind], Reading.WhenWoken);
        Assert.True(first.TryReserve(1, out SharedRingReservation reservation));
        Assert.True(second.TryWrite(2));
        OtherThread thread = new(() => Assert.Equal((ReadStatus.Records, 2), reader.Next()));
        thread.UntilItSleeps();
        reservation.Commit();
        thread.Join();
    }

    [Fact]
    public void A_sleeping_reader_that_died_wakes_nobodys_writer_for_ever()
    {
        using RawRing raw = new(_rings[0]);
        using SharedRingWriter writer = _rings[0].OpenWriter();
        raw.SetWord(RawRing.Sleep, SharedRingSleep.Immediate);
        Assert.True(writer.TryWrite(1));
        Assert.Equal(0u, raw.Word(RawRing.Sleep));
        raw.SetWord(RawRing.Sleep, SharedRingSleep.Polled);
        using SharedRingReader next = SharedRingReader.Open(_rings[0]);
        Assert.Equal(0u, raw.Word(RawRing.Sleep));
        Assert.Equal([1], next.Numbers());
    }

    [Fact]
    public void Thresholds_beyond_the_ring_are_refused() => Assert.Throws<ArgumentException>(
        () => SharedRingReader.Open(_rings[0], new() { Wakeup = Wakeup.AfterBytes(4096) }));

    private SharedRingReader Open(int kind, Wakeup wakeup) =>
        SharedRingReader.Open(_rings[kind], new() { Wakeup = wakeup.Within(Timeout.InfiniteTimeSpan) });

    /// <summary>The word that the reader sleeps on still says so: nobody has woken it.</summary>
    private void AssertAsleep(int kind)
    {
        using RawRing raw = new(_rings[kind]);
        Assert.NotEqual(SharedRingSleep.Awake, raw.Word(RawRing.Sleep));
    }
}
