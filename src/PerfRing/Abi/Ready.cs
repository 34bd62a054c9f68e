using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary><c>struct perfring_ready</c> of the shim: what epoll reported for one descriptor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Ready
{
    internal ulong Token;
    internal uint Events;
    internal uint Reserved;
}
