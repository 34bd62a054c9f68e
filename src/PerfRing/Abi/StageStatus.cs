using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary><c>struct perfring_stage_status</c> of the shim: how the staging thread stands.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StageStatus
{
    /// <summary>Descriptors that can still announce something. 0 only when what they announced last is moved.</summary>
    internal uint Watching;

    /// <summary>0, or the -errno that ended the thread.</summary>
    internal int Error;
}
