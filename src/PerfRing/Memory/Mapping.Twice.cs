using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing.Memory;

internal sealed unsafe partial class Mapping
{
    /// <summary>Maps zeroed memory of this process, the end of which is there twice in a row, so that no record wraps in it.</summary>
    /// <param name="front">Bytes that are there once; whole pages.</param>
    /// <param name="size">Bytes behind them that are there twice; whole pages.</param>
    /// <remarks>The memory is taken at once: were it missing later, whoever touches it would be killed.</remarks>
    internal static Mapping MapTwice(nuint front, nuint size)
    {
        string remedy = $"{size} bytes of memory, and twice that in address space (RLIMIT_AS, ulimit -v)";
        using Descriptor file = MakeFile();
        Errno.ThrowIfFailed(Shim.Allocate(file, 0, front + size), "fallocate", remedy);
        nuint length = front + (2 * size);
        int result = Shim.Mmap(
            length, Abi.Mmap.ProtectionNone, Abi.Mmap.Private | Abi.Mmap.Anonymous | Abi.Mmap.NoReserve, -1, 0, out void* address);
        Errno.ThrowIfFailed(result, "mmap", remedy);
        Mapping mapping = new(address, length);
        try
        {
            mapping.Place(file, 0, 0, front + size, remedy);
            mapping.Place(file, front + size, front, size, remedy);
            return mapping;
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    private static Descriptor MakeFile()
    {
        int result = Shim.MemfdCreate("perfring-stage", Memfd.CloseOnExec | Memfd.NotExecutable, out int fd);

        // Linux before 6.3.
        if (result == -Errno.EINVAL)
            result = Shim.MemfdCreate("perfring-stage", Memfd.CloseOnExec, out fd);

        Errno.ThrowIfFailed(result, "memfd_create", "the process or the machine has too many open files, or too little memory");
        return new Descriptor(fd);
    }

    // SAFETY: at + length is at most the length that was reserved, so only that is replaced.
    private void Place(Descriptor file, nuint at, nuint offset, nuint length, string remedy) => Errno.ThrowIfFailed(
        Shim.MmapAt(
            Address + at,
            length,
            Abi.Mmap.ProtectionRead | Abi.Mmap.ProtectionWrite,
            Abi.Mmap.Shared | Abi.Mmap.Fixed,
            file.Number,
            offset),
        "mmap(MAP_FIXED)",
        remedy);
}
