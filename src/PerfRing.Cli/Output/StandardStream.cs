using System.Runtime.InteropServices;
using PerfRing.Cli.Interop;

namespace PerfRing.Cli.Output;

/// <summary>Descriptor 1 or 2, written to as it is.</summary>
/// <remarks>.NET's own streams will not do: that of the console hides that the reader of a pipe has gone, and sends control
/// codes to a terminal; a FileStream keeps a position of its own in a file, so that stdout and stderr in the same file
/// would write over each other.</remarks>
internal sealed class StandardStream
{
    private readonly int _descriptor;

    private StandardStream(int descriptor) => _descriptor = descriptor;

    /// <summary>stdout: the data.</summary>
    internal static StandardStream Output { get; } = new(1);

    /// <summary>stderr: everything else.</summary>
    internal static StandardStream Error { get; } = new(2);

    /// <summary>Writes everything.</summary>
    /// <returns>0, or the error that kept it from being written.</returns>
    internal int Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint written = LibC.Write(_descriptor, in MemoryMarshal.GetReference(bytes), bytes.Length);
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
                case int error:
                    return error;
            }
        }

        return 0;
    }
}
