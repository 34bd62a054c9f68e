using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary><c>struct perfring_stage_watch</c> of the shim: a descriptor that announces records.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StageWatch
{
    internal int Fd;
    internal uint Events;
}
