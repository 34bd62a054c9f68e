using Microsoft.Win32.SafeHandles;
using PerfRing.Interop;

namespace PerfRing.Memory;

/// <summary>Owns one mapping of memory and unmaps it once.</summary>
internal sealed unsafe partial class Mapping : SafeHandleZeroOrMinusOneIsInvalid
{
    private Mapping(void* address, nuint length)
        : base(ownsHandle: true)
    {
        Length = length;
        SetHandle((nint)address);
    }

    /// <summary>Bytes mapped, whole pages.</summary>
    internal nuint Length { get; }

    // SAFETY: whoever uses the address holds this object and has not disposed it; Ring keeps both rules.
    internal byte* Address => (byte*)handle;

    /// <summary>Maps memory shared with the kernel or another process.</summary>
    /// <returns>0 and the mapping, or -errno: the caller knows the remedy.</returns>
    internal static int TryMap(Descriptor fd, nuint length, int protection, ulong offset, out Mapping? mapping)
    {
        int result = Shim.Mmap(length, protection, Abi.Mmap.Shared, fd.Number, offset, out void* address);
        mapping = result == 0 ? new Mapping(address, length) : null;
        return result;
    }

    /// <summary>Maps zeroed memory of this process only, for rings that this process writes itself.</summary>
    internal static Mapping MapAnonymous(nuint length, int protection)
    {
        int result = Shim.Mmap(length, protection, Abi.Mmap.Private | Abi.Mmap.Anonymous, -1, 0, out void* address);
        Errno.ThrowIfFailed(result, "mmap", $"{length} bytes of anonymous memory; the process or the machine is out of memory");
        return new Mapping(address, length);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Shim.Munmap((void*)handle, Length) == 0;
}
