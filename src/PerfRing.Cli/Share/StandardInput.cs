using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using PerfRing.Cli.Interop;

namespace PerfRing.Cli.Share;

/// <summary>Descriptor 0, read as it is, until it ends or somebody says that it is enough.</summary>
/// <remarks>A thread that hangs in read(2) can't be called back: so it waits in poll(2), which looks for that word too.</remarks>
internal sealed class StandardInput : IDisposable
{
    private const int Number = 0;

    private readonly SafeFileHandle _stop;

    internal StandardInput()
    {
        int fd = LibC.EventDescriptor(0, LibC.EventCloseOnExec);
        if (fd < 0)
            throw Failure("an event descriptor can't be made", Marshal.GetLastPInvokeError());

        _stop = new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Ends a read that waits, and every later one. From any thread.</summary>
    internal void Stop()
    {
        ulong one = 1;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one));

        // It can fail only where it was said more often than can be counted.
        _ = LibC.Write((int)_stop.DangerousGetHandle(), in bytes[0], bytes.Length);
    }

    /// <summary>Waits for bytes.</summary>
    /// <returns>How many came; 0 at the end.</returns>
    /// <exception cref="CommandFailure">stdin can't be read.</exception>
    internal int Read(Span<byte> into)
    {
        Span<LibC.PollDescriptor> both =
        [
            new LibC.PollDescriptor { Number = Number, Wanted = LibC.Readable },
            new LibC.PollDescriptor { Number = (int)_stop.DangerousGetHandle(), Wanted = LibC.Readable },
        ];
        while (true)
        {
            // Whatever it says of stdin, an end or an error, read tells more of.
            int ready = LibC.Poll(ref both[0], (nuint)both.Length, -1);
            if (ready < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR)
                continue;

            if (both[1].Seen != 0)
                return 0;

            nint count = LibC.Read(Number, ref MemoryMarshal.GetReference(into), into.Length);
            if (count >= 0)
                return (int)count;

            int error = Marshal.GetLastPInvokeError();
            if (error is not (LibC.EINTR or LibC.EAGAIN))
                throw Failure("stdin can't be read", error);
        }
    }

    public void Dispose() => _stop.Dispose();

    private static CommandFailure Failure(string what, int error) =>
        new(ExitCode.Failed, $"{what}: {Marshal.GetPInvokeErrorMessage(error)}.");
}
