using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>A shared ring of a page, with the only writer or with three of many in turns.</summary>
internal sealed class SharedRingUnderTest : RingUnderTest
{
    private readonly SharedRing _ring;
    private readonly SharedRingWriter[] _writers;
    private readonly SharedRingReader _reader;
    private int _turn;
    private long _number;

    internal SharedRingUnderTest(SharedRingProducers producers, ReadingOptions options)
    {
        _ring = SharedRing.CreateAnonymous(new() { Capacity = Environment.SystemPageSize, Producers = producers });
        int writers = producers == SharedRingProducers.One ? 1 : 3;
        _writers = [.. Enumerable.Range(0, writers).Select(_ => _ring.OpenWriter())];
        _reader = SharedRingReader.Open(_ring, new SharedRingReaderOptions { Wakeup = options.Wakeup });
    }

    internal override RingReader Reader => _reader;

    internal override bool LossesAreKnown => true;

    internal override void WriteUncounted(int size, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (Next().TryReserve(size, out SharedRingReservation reservation))
                reservation.Commit();
        }
    }

    public override void Dispose()
    {
        foreach (SharedRingWriter writer in _writers)
            writer.Dispose();

        _reader.Dispose();
        _ring.Dispose();
    }

    internal override bool TryWrite(int size, out (int Ring, long Number) written)
    {
        byte[] payload = new byte[size];
        Fill(payload, _number);

        // A shared ring belongs to no CPU.
        written = (-1, _number++);
        return Next().TryWrite(payload);
    }

    private SharedRingWriter Next() => _writers[_turn++ % _writers.Length];
}
