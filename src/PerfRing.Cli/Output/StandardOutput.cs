using System.Runtime.InteropServices;
using PerfRing.Cli.Interop;

namespace PerfRing.Cli.Output;

/// <summary>Descriptor 1, written to as it is.</summary>
/// <remarks>Neither of .NET's streams will do: that of the console hides that the reader of a pipe has gone, and a
/// FileStream keeps a position of its own in a file, over which stderr in the same file would write.</remarks>
internal static class StandardOutput
{
    private const int Descriptor = 1;

    /// <summary>Writes everything.</summary>
    /// <returns>False when nobody reads any more: the other end of the pipe is closed.</returns>
    /// <exception cref="CommandFailure">Any other error, such as a full disk.</exception>
    internal static bool Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint written = LibC.Write(Descriptor, in MemoryMarshal.GetReference(bytes), bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case LibC.EINTR:
                    break;
                case LibC.EAGAIN:
                    // Whoever shares the pipe with us made it non-blocking: it drains at its reader's pace.
                    Thread.Sleep(1);
                    break;
                case LibC.EPIPE:
                    return false;
                case int error:
                    throw new CommandFailure(
                        ExitCode.Failed, $"stdout can't be written to: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }

        return true;
    }
}
