using System.Runtime.CompilerServices;
using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing.Testing;

/// <summary>Zeroed memory between two pages that nobody may touch: an access one byte outside ends the process.</summary>
/// <remarks>
/// <code>
///   | no access | read and write, length bytes | no access |
///    _before     Mapping                        _after
/// </code>
/// Three owners, since the ring unmaps its part by itself, and what the system puts there afterwards is not ours to unmap.
/// </remarks>
internal sealed unsafe class GuardedMemory : IDisposable
{
    private readonly Mapping _before;
    private readonly Mapping _after;

    /// <param name="length">Whole pages.</param>
    internal GuardedMemory(nuint length)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        Errno.ThrowIfFailed(
            Shim.Mmap(length + (2 * page), Mmap.ProtectionNone, Mmap.Private | Mmap.Anonymous, -1, 0, out void* start),
            "mmap",
            $"{length} bytes between two guard pages");
        _before = Own(start, page);
        Mapping = Own((byte*)start + page, length);
        _after = Own((byte*)start + page + length, page);
        Errno.ThrowIfFailed(
            Shim.Mprotect(Mapping.Address, length, Mmap.ProtectionRead | Mmap.ProtectionWrite),
            "mprotect",
            "opening the pages between the guards");
    }

    /// <summary>What lies between the guards; whoever takes it may dispose it.</summary>
    internal Mapping Mapping { get; }

    public void Dispose()
    {
        Mapping.Dispose();
        _before.Dispose();
        _after.Dispose();
    }

    // The library maps whole areas only and never takes over a part of one, so there is nothing to call but the constructor.
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern Mapping Own(void* address, nuint length);
}
