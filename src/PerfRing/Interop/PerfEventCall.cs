using PerfRing.Abi;

namespace PerfRing.Interop;

/// <summary>Reading the counts of a perf event.</summary>
internal static unsafe class PerfEventCall
{
    /// <summary>read(2) with the read format that every event of ours is opened with: value, enabled, running, id and, where
    /// the kernel has it, lost.</summary>
    /// <param name="fd">The event.</param>
    /// <param name="words">Five words.</param>
    /// <param name="count">The words that the kernel wrote.</param>
    internal static int Read(Descriptor fd, Span<ulong> words, out int count)
    {
        fixed (ulong* buffer = words)
        {
            int result = Shim.Read(fd, buffer, (ulong)words.Length * sizeof(ulong), out ulong bytes);
            count = (int)(bytes / sizeof(ulong));
            return result;
        }
    }
}
