using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>Space for one record in a shared ring, written in place: a lease on the memory.</summary>
/// <remarks>Commit it, or dispose it, which discards it: <c>using (reservation) { … reservation.Commit(); }</c>. A copy is a
/// copy of the same lease. Not thread-safe.</remarks>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
public readonly ref struct SharedRingReservation
{
    private readonly SharedRingWriter? _writer;
    private readonly uint _generation;

    internal SharedRingReservation(SharedRingWriter writer, uint generation, Span<byte> bytes)
    {
        _writer = writer;
        _generation = generation;
        Bytes = bytes;
    }

    /// <summary>The payload, to be written. Not to be used any more when the reservation has ended: the memory is somebody
    /// else's then.</summary>
    public Span<byte> Bytes { get; }

    /// <summary>Publishes the record.</summary>
    /// <exception cref="InvalidOperationException">The reservation has ended, or was refused.</exception>
    public void Commit() => End(isDiscarded: false);

    /// <summary>Gives the record up: the reader skips it.</summary>
    /// <exception cref="InvalidOperationException">The reservation has ended, or was refused.</exception>
    public void Discard() => End(isDiscarded: true);

    /// <summary>Gives the record up, unless the reservation has ended.</summary>
    public void Dispose() => _writer?.TryEnd(_generation, isDiscarded: true);

    private void End(bool isDiscarded)
    {
        if (_writer is null || !_writer.TryEnd(_generation, isDiscarded))
            throw new InvalidOperationException("The reservation was refused, committed, discarded or disposed before.");
    }
}
