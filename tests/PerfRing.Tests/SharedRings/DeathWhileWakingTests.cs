using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>Whoever was to wake the other side was killed in the middle of it, and nobody else would.</summary>
public sealed class DeathWhileWakingTests
{
    [Fact]
    public void A_reader_is_not_left_asleep_by_a_writer_that_took_the_word_back_and_died()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(
            ring, new() { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        ReadStatus status = default;
        OtherThread reading = new(() => status = reader.StatusOf());
        Wait.Until(() => raw.Word(RawRing.Sleep) == 1, "the reader to say that it sleeps");
        reading.UntilItSleeps();

        // What a writer does between its commit and its call.
        raw.SetWord(RawRing.Sleep, 0);
        while (writer.TryWrite(new byte[8]))
        {
            // Until the ring is full: none of these has anybody to wake.
        }

        reading.Join();
        Assert.Equal(ReadStatus.Records, status);
    }

    [Fact]
    public void A_writer_is_not_left_asleep_by_a_reader_that_released_and_died()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        while (writer.TryWrite(new byte[8]))
        {
            // Until the ring is full.
        }

        bool wrote = false;
        OtherThread writing = new(() => wrote = writer.Write(new byte[8], TimeSpan.FromSeconds(25)));
        Wait.Until(() => raw.Word(RawRing.SpaceWaiters) == 1, "the writer to say that it sleeps");
        writing.UntilItSleeps();

        // What a reader does between its release and its call; then the next one comes.
        raw[RawRing.Consumer] = raw[RawRing.Producer];
        using SharedRingReader next = SharedRingReader.Open(ring);
        writing.Join();
        Assert.True(wrote);
    }
}
