using System.Diagnostics;
using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>Writing into a ring that is full.</summary>
public sealed class WaitingWriterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
    public void A_writer_that_sleeps_is_woken_when_there_is_room(int kind)
    {
        using SharedRingWriter writer = Fill(kind);
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind]);
        OtherThread thread = new(() => Assert.True(writer.Write([7], Timeout.InfiniteTimeSpan)));
        thread.UntilItSleeps();
        Assert.NotEmpty(reader.Payloads());
        thread.Join();
        Assert.Equal([7], reader.Numbers());
        Assert.Equal(0, writer.Refused);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_reservation_that_waits_is_made_when_there_is_room(int kind)
    {
        using SharedRingWriter writer = Fill(kind);
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind]);
        OtherThread thread = new(() =>
        {
            Assert.True(writer.Reserve(1, Patience, out SharedRingReservation reservation));
            reservation.Bytes[0] = 8;
            reservation.Commit();
        });
        thread.UntilItSleeps();
        Assert.NotEmpty(reader.Payloads());
        thread.Join();
        Assert.Equal([8], reader.Numbers());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_time_of_a_wait_is_kept_and_its_end_counted_once(int kind)
    {
        using SharedRingWriter writer = Fill(kind);
        long start = Stopwatch.GetTimestamp();
        Assert.False(writer.Write([1], TimeSpan.FromMilliseconds(20)));
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(20));
        Assert.Equal(1, writer.Refused);
        Assert.False(writer.Reserve(1, TimeSpan.Zero, out _));
        Assert.Equal(2, writer.Refused);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write([1], TimeSpan.FromTicks(-1)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_wait_is_canceled_and_counts_nothing(int kind)
    {
        using SharedRingWriter writer = Fill(kind);
        using CancellationTokenSource cancellation = new();
        OtherThread thread = new(() => Assert.ThrowsAny<OperationCanceledException>(
            () => writer.Write([7], Timeout.InfiniteTimeSpan, cancellation.Token)));
        thread.UntilItSleeps();
        cancellation.Cancel();
        thread.Join();
        Assert.Equal(0, writer.Refused);
        Assert.ThrowsAny<OperationCanceledException>(() => writer.Write([7], Timeout.InfiniteTimeSpan, cancellation.Token));
        Assert.False(writer.TryWrite(1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_token_that_is_canceled_does_not_keep_a_record_out_for_which_there_is_room(int kind)
    {
        using SharedRingWriter writer = _rings[kind].OpenWriter();
        Assert.True(writer.Write([7], Patience, new CancellationToken(canceled: true)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Dispose_ends_a_wait(int kind)
    {
        using SharedRingWriter writer = Fill(kind);
        OtherThread thread = new(() => Assert.Throws<ObjectDisposedException>(
            () => writer.Write([7], Timeout.InfiniteTimeSpan)));
        thread.UntilItSleeps();
        writer.Dispose();
        thread.Join();
        using SharedRingWriter next = _rings[kind].OpenWriter();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void All_writers_that_sleep_are_woken(int kind)
    {
        Fill(kind).Dispose();
        using SharedRingReader reader = SharedRingReader.Open(_rings[kind]);
        OtherThread[] threads =
        [
            .. Enumerable.Range(0, 4).Select(_ => new OtherThread(() =>
            {
                using SharedRingWriter writer = _rings[kind].OpenWriter();
                Assert.True(writer.Write([7], Timeout.InfiniteTimeSpan));
            })),
        ];
        foreach (OtherThread thread in threads)
            thread.UntilItSleeps();

        Assert.NotEmpty(reader.Payloads());
        foreach (OtherThread thread in threads)
            thread.Join();

        Assert.Equal(4, reader.Numbers().Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Dispose_while_others_write_never_tears_the_memory_from_them(int kind)
    {
        SharedRing ring = _rings[kind];
        using SharedRingReader reader = SharedRingReader.Open(ring);
        for (int round = 0; round < 200; round++)
        {
            using SharedRingWriter writer = ring.OpenWriter();
            long written = 0;
            void Write()
            {
                while (true)
                {
                    writer.TryWrite(1);
                    Volatile.Write(ref written, written + 1);
                }
            }

            OtherThread thread = new(() => Assert.Throws<ObjectDisposedException>(Write));
            Wait.Until(() => Volatile.Read(ref written) > round, "the writer to write");
            writer.Dispose();
            thread.Join();
            reader.Payloads();
        }
    }

    /// <summary>A writer of a ring that is full.</summary>
    private SharedRingWriter Fill(int kind)
    {
        SharedRingWriter writer = _rings[kind].OpenWriter();
        while (writer.Refused == 0)
            writer.TryWrite(new byte[100]);

        while (writer.TryWrite([]))
        {
        }

        // With a count of its own, so that what the test counts begins at 0.
        writer.Dispose();
        return _rings[kind].OpenWriter();
    }
}
