using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>One record in its place among those of other rings.</summary>
[DebuggerDisplay("{Time} {IsLate ? \"late\" : \"\"}")]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
public readonly ref struct MergedRecord
{
    private readonly MergedReader _reader;
    private readonly ulong _position;
    private readonly uint _generation;

    internal MergedRecord(MergedReader reader, uint generation, ulong position, ulong time, bool isLate)
    {
        _reader = reader;
        _generation = generation;
        _position = position;
        Time = time;
        IsLate = isLate;
    }

    /// <summary>The record: a view of a copy, valid until the batch is disposed. To keep it longer: <see cref="Record.ToOwned"/>.</summary>
    /// <exception cref="InvalidOperationException">The batch was disposed.</exception>
    public Record Record => _reader.Show(_generation, _position);

    /// <summary>The stamp by which it was sorted, in nanoseconds of CLOCK_MONOTONIC. A record without one has that of the sweep that
    /// found it; a gap that of the record before it in its ring.</summary>
    public ulong Time { get; }

    /// <summary>Whether a record with a later stamp was delivered by an earlier batch.</summary>
    public bool IsLate { get; }

    /// <summary>The reader whose ring held it.</summary>
    /// <exception cref="InvalidOperationException">The batch was disposed.</exception>
    public RingReader Source => _reader.SourceOf(_generation, _position);
}
