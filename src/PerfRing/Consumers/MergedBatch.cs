using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>Records of several rings in the order of their stamps: a lease on copies of them.</summary>
/// <remarks>
/// <para>Dispose it: <c>using MergedBatch batch = merged.Read(…)</c>. Until then the next read throws. The rings have their
/// memory back already.</para>
/// <para>Leaving the <c>foreach</c> early gives up nothing: records that were not visited come with the next read. A batch may be
/// walked more than once. Copies of the struct are copies of the same lease. Not thread-safe.</para>
/// </remarks>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
public readonly ref struct MergedBatch
{
    private readonly MergedReader? _reader;
    private readonly uint _generation;

    internal MergedBatch(ReadStatus status) => Status = status;

    internal MergedBatch(MergedReader reader, uint generation)
    {
        _reader = reader;
        _generation = generation;
        Status = ReadStatus.Records;
    }

    /// <summary>Why the read returned. Only <see cref="ReadStatus.Records"/> comes with records.</summary>
    public ReadStatus Status { get; }

    /// <summary>Walks the records: first those that are late, in order among themselves, then all others in order.</summary>
    /// <exception cref="InvalidOperationException">The batch was disposed.</exception>
    public Enumerator GetEnumerator() => new(_reader, _generation);

    /// <summary>Ends the lease. What was visited is done with. A second call, also on a copy, does nothing.</summary>
    public void Dispose() => _reader?.Release(_generation);

    /// <summary>Steps through the records of a batch.</summary>
    [SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
    public ref struct Enumerator
    {
        private readonly MergedReader? _reader;
        private readonly uint _generation;
        private int _next;

        internal Enumerator(MergedReader? reader, uint generation)
        {
            reader?.ThrowIfEnded(generation);
            _reader = reader;
            _generation = generation;
        }

        /// <summary>The record that <see cref="MoveNext"/> stepped onto.</summary>
        public readonly MergedRecord Current => _reader!.Show(_next - 1);

        /// <summary>Steps onto the next record.</summary>
        /// <returns>False at the end of the batch.</returns>
        /// <exception cref="InvalidOperationException">The batch was disposed.</exception>
        public bool MoveNext()
        {
            if (_reader is null || !_reader.Visit(_generation, _next))
                return false;

            _next++;
            return true;
        }
    }
}
