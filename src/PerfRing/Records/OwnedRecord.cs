using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>A copy of a record in pooled memory, which stays when the batch is gone: for what comes after an await.</summary>
/// <remarks>
/// <para>Dispose it, once, when it is done with: <c>await foreach (OwnedRecord record in reader.ReadAllAsync()) using (record) …</c>.
/// From then on this value and all copies of it throw <see cref="ObjectDisposedException"/>; spans, memory and views that were
/// taken from it must not be used: they may show another record. One that is never disposed costs the pool its buffer,
/// and nothing else.</para>
/// <para>It may be handed to any thread, and outlive the reader. Several threads may look at it; none may while another disposes.</para>
/// </remarks>
[DebuggerDisplay("{Kind} cpu {Cpu}")]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A lease.")]
public readonly struct OwnedRecord : IDisposable
{
    private readonly RecordBuffer? _buffer;
    private readonly long _generation;

    internal OwnedRecord(RecordBuffer buffer, long generation)
    {
        _buffer = buffer;
        _generation = generation;
    }

    /// <summary>Whether this is the default value, which is no record.</summary>
    internal bool IsEmpty => _buffer is null;

    private RecordBuffer Buffer =>
        _buffer ?? throw new InvalidOperationException("The default value of OwnedRecord is no record.");

    /// <summary>The record, with every field that it has: <c>record.View.Time</c>. Not of the batch that it was copied from, so nothing
    /// can be released through it.</summary>
    /// <exception cref="ObjectDisposedException">The record was disposed.</exception>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public Record View => Buffer.View(_generation);

    /// <inheritdoc cref="Record.Kind"/>
    /// <exception cref="ObjectDisposedException">The record was disposed.</exception>
    public RecordKind Kind => View.Kind;

    /// <inheritdoc cref="Record.Cpu"/>
    /// <exception cref="ObjectDisposedException">The record was disposed.</exception>
    public int Cpu => View.Cpu;

    /// <inheritdoc cref="Record.Payload"/>
    /// <exception cref="ObjectDisposedException">The record was disposed.</exception>
    public ReadOnlySpan<byte> Payload => View.Payload;

    /// <summary>The bytes of <see cref="Payload"/>, for what takes memory and goes on later.</summary>
    /// <exception cref="ObjectDisposedException">The record was disposed.</exception>
    public ReadOnlyMemory<byte> PayloadMemory => Buffer.Payload(_generation);

    /// <summary>Gives the memory back. A second call, also on a copy, does nothing.</summary>
    public void Dispose() => _buffer?.Release(_generation);
}
