using System.Numerics;

namespace PerfRing;

/// <summary>How records are moved out of the kernel's rings by a native thread, so that a garbage collection, which suspends managed
/// threads and not this one, lets no ring of the kernel run full. Immutable; checked when the reader is opened.</summary>
/// <remarks>
/// <para>Each ring of the kernel gets a staging ring in the memory of this process, which is read with the same words. A record
/// costs one copy more, and a wake goes through one thread more. What does not fit into a full staging ring stays in the kernel's
/// ring; the thread itself drops nothing.</para>
/// <para>A read that does not wait sees what was moved by then. <see cref="RingReader.Flush"/> covers what is in the
/// kernel's rings, too. <see cref="RingReader.Dispose()"/> waits for the thread to end.</para>
/// </remarks>
public sealed record StagingOptions
{
    /// <summary>The default of <see cref="Capacity"/>.</summary>
    public const int DefaultCapacity = 16 * 1024 * 1024;

    private const int LargestCapacity = 1 << 30;

    /// <summary>Bytes for records, in each staging ring. It has to hold what is produced on one CPU while the reader can't read.</summary>
    /// <remarks>Default 16 MiB; 1 byte to 1 GiB, rounded up to a power of two of pages, and to the size of the kernel's ring.
    /// <see cref="RingReader.StagingCapacity"/> tells what it became.</remarks>
    public int Capacity { get; init; } = DefaultCapacity;

    /// <summary>The CPUs on which the thread may run.</summary>
    /// <remarks>Default null: those on which the thread that opens the reader may.</remarks>
    public CpuSet? Cpus { get; init; }

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        if (Capacity is < 1 or > LargestCapacity)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Capacity), Capacity, $"{nameof(StagingOptions)}.{nameof(Capacity)} must be 1 byte to 1 GiB.");
        }

        if (Cpus is { Count: 0 })
            throw new ArgumentException("StagingOptions.Cpus is empty: leave it null for those of the thread that opens the reader.");
    }

    /// <summary>The size of the staging ring for a ring of the kernel.</summary>
    /// <exception cref="ArgumentException">No staging ring is as large as that.</exception>
    internal nuint CapacityFor(ulong kernelRing)
    {
        if (kernelRing > LargestCapacity)
            throw new ArgumentException($"A ring of {kernelRing} bytes can't be staged: a staging ring has at most 1 GiB.");

        uint least = Math.Max((uint)kernelRing, (uint)Environment.SystemPageSize);
        return BitOperations.RoundUpToPowerOf2(Math.Max((uint)Capacity, least));
    }
}
