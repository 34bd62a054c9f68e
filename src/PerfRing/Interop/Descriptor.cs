using Microsoft.Win32.SafeHandles;

namespace PerfRing.Interop;

/// <summary>Owns one file descriptor and closes it once.</summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    internal Descriptor(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The number, for places in kernel structures that hold one. Valid while the handle is open.</summary>
    internal int Number => (int)handle;

    /// <summary>A second descriptor of the same open file.</summary>
    internal static Descriptor Duplicate(int fd)
    {
        Errno.ThrowIfFailed(Shim.Duplicate(fd, out int duplicate), "fcntl(F_DUPFD_CLOEXEC)", $"descriptor {fd}");
        return new Descriptor(duplicate);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Shim.Close((int)handle) == 0;
}
