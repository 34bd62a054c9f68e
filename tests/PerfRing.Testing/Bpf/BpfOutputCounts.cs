using System.Runtime.InteropServices;

namespace PerfRing.Testing;

/// <summary>What became of the records that <see cref="BpfOutputProgram"/> tried to write on one CPU.</summary>
/// <remarks>Also the layout of one element of the program's map of counts: four 64-bit words.</remarks>
/// <param name="Attempts">Calls of the helper.</param>
/// <param name="Accepted">Calls that returned 0. Records too long for the kernel's 16-bit size are among them.</param>
/// <param name="Refused">Calls that returned an error.</param>
/// <param name="LastError">The errno of the last refusal, positive; 0 before the first.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfOutputCounts(long Attempts, long Accepted, long Refused, long LastError)
{
    internal const int Length = 32;
    internal const short AttemptsOffset = 0;
    internal const short AcceptedOffset = 8;
    internal const short RefusedOffset = 16;
    internal const short LastErrorOffset = 24;
}
