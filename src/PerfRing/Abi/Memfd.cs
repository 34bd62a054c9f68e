namespace PerfRing.Abi;

/// <summary>Flags of memfd_create(2), <c>linux/memfd.h</c>.</summary>
internal static class Memfd
{
    internal const uint CloseOnExec = 0x1;
    internal const uint AllowSealing = 0x2;

    /// <summary>MFD_NOEXEC_SEAL, since Linux 6.3; where vm.memfd_noexec is 2 nothing else is allowed.</summary>
    internal const uint NotExecutable = 0x8;
}
