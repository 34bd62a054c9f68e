using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary><c>struct perfring_stage_ring</c> of the shim: a ring of the kernel and the staging ring for it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StageRing
{
    internal ulong FromProducer;
    internal ulong FromConsumer;
    internal ulong FromRecords;
    internal ulong FromSize;
    internal ulong ToProducer;
    internal ulong ToConsumer;
    internal ulong ToRecords;
    internal ulong ToSize;

    /// <summary>One of <see cref="StageKind"/>.</summary>
    internal uint Kind;

    /// <summary>The eventfd that becomes ready when something was moved.</summary>
    internal int SignalFd;
}
