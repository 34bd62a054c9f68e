using System.Numerics;
using Microsoft.Extensions.ObjectPool;

namespace PerfRing;

/// <summary>The memory for copies of one ring's records: a pool for each of a few sizes.</summary>
/// <remarks>
/// <para>Taken by the consumer and given back by whichever threads dispose. The pools are those of Microsoft.Extensions.ObjectPool:
/// bounded, without locks, and with one buffer out at a time a single exchange.</para>
/// <para>What is kept is bounded by <see cref="KeptBytes"/> a size and ring; more than that may be out, and is left to the garbage
/// collector when it comes back, as is what is never disposed.</para>
/// </remarks>
internal sealed class RecordBuffers(RecordOrigin ring)
{
    private const int Smallest = 256;
    private const int Sizes = 5;

    /// <summary>64 KiB, the most that a perf record can take. Larger ones, of BPF and shared rings, are not pooled.</summary>
    private const int Largest = Smallest << (2 * (Sizes - 1));

    private const int KeptBytes = 128 * 1024;

    private readonly ObjectPool<RecordBuffer>?[] _pools = new ObjectPool<RecordBuffer>?[Sizes];

    /// <summary>Copies a record.</summary>
    internal OwnedRecord Copy(scoped in Record record)
    {
        RecordBuffer buffer = record.Size > Largest
            ? new RecordBuffer(this, ring, (int)record.Size)
            : PoolOf(record.Size).Get();
        return new OwnedRecord(buffer, buffer.Fill(record));
    }

    /// <summary>Takes a buffer back that is not in use any more.</summary>
    internal void Return(RecordBuffer buffer)
    {
        if (buffer.Capacity <= Largest)
            PoolOf((uint)buffer.Capacity).Return(buffer);
    }

    /// <summary>The pool with the smallest buffers that hold so many bytes: 256, and four times that four times.</summary>
    private ObjectPool<RecordBuffer> PoolOf(uint size)
    {
        int index = size <= Smallest ? 0 : ((BitOperations.Log2(size - 1) - BitOperations.Log2(Smallest)) / 2) + 1;
        return _pools[index] ?? Interlocked.CompareExchange(ref _pools[index], Create(Smallest << (2 * index)), null) ?? _pools[index]!;
    }

    private DefaultObjectPool<RecordBuffer> Create(int capacity) =>
        new(new Policy(this, ring, capacity), KeptBytes / capacity);

    private sealed class Policy(RecordBuffers home, RecordOrigin ring, int capacity) : PooledObjectPolicy<RecordBuffer>
    {
        public override RecordBuffer Create() => new(home, ring, capacity);

        public override bool Return(RecordBuffer obj) => true;
    }
}
