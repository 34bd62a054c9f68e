using System.Runtime.InteropServices;
using PerfRing.Cli.Interop;

namespace PerfRing.Cli.Share;

/// <summary>The file in which writers and a reader meet: made by whoever comes first, removed by the reader that has seen the
/// end.</summary>
/// <remarks>
/// <para>A writer holds a shared lock on the file (flock(2)) for as long as it lives: the kernel lets go of it however the writer
/// ends. So a reader that gets the exclusive lock knows that there is no writer, and that none can come while it looks whether
/// the ring is empty and removes the file. Who was about to come then finds a file without a name, and begins anew.</para>
/// <para>A new ring gets its name when it is complete: nobody ever opens half of one.</para>
/// </remarks>
internal sealed class MeetingPlace : IDisposable
{
    private readonly string _path;

    private MeetingPlace(string path, SharedRing ring)
    {
        _path = path;
        Ring = ring;
    }

    internal SharedRing Ring { get; }

    /// <summary>Opens the ring, or makes it, and holds the shared lock.</summary>
    /// <exception cref="CommandFailure">The file can't be locked, or a new ring can't get its name.</exception>
    /// <exception cref="PerfRingException">The ring can't be opened or made.</exception>
    internal static MeetingPlace Come(ShareOptions options)
    {
        while (true)
        {
            SharedRing? ring = TryOpen(options.Path);
            bool isNew = ring is null;
            ring ??= TryMake(options);
            if (ring is null)
                continue;

            MeetingPlace place = new(options.Path, ring);
            try
            {
                place.Lock(LibC.LockShared);
                if (!place.IsRemoved)
                {
                    if (!isNew)
                        place.SayWhatDiffers(options);

                    return place;
                }
            }
            catch
            {
                place.Dispose();
                throw;
            }

            place.Dispose();
        }
    }

    /// <summary>Lets go of the lock.</summary>
    internal void Leave() => Lock(LibC.LockRelease);

    /// <summary>Takes the exclusive lock, if there is no writer.</summary>
    internal bool TryHaveAlone() => TryLock(LibC.LockExclusive | LibC.LockNonBlocking);

    /// <summary>Takes the name away. With the exclusive lock only.</summary>
    internal void Remove() => File.Delete(_path);

    /// <summary>Closes the file, which lets go of the lock.</summary>
    public void Dispose() => Ring.Dispose();

    private int Number => (int)Ring.Descriptor.DangerousGetHandle();

    /// <summary>Whether the file has lost its name, of which the kernel then says so.</summary>
    private bool IsRemoved => new FileInfo($"/proc/self/fd/{Number}").LinkTarget is { } name
        && name.EndsWith($"{Path.GetFileName(_path)} (deleted)", StringComparison.Ordinal);

    private static SharedRing? TryOpen(string path)
    {
        try
        {
            return SharedRing.Open(path);
        }
        catch (SystemCallException e) when (e.ErrnoName == "ENOENT")
        {
            return null;
        }
    }

    /// <summary>Null if somebody else was first.</summary>
    private static SharedRing? TryMake(ShareOptions options)
    {
        string unfinished = $"{options.Path}.{Path.GetRandomFileName()}";
        SharedRing ring = SharedRing.Create(unfinished, new SharedRingOptions
        {
            Capacity = options.Capacity ?? SharedRingOptions.DefaultCapacity,
            Producers = options.Producers ?? SharedRingProducers.One,
        });
        int error = LibC.Link(unfinished, options.Path) == 0 ? 0 : Marshal.GetLastPInvokeError();
        File.Delete(unfinished);
        if (error == 0)
            return ring;

        ring.Dispose();
        return error == LibC.EEXIST
            ? null
            : throw new CommandFailure(
                ExitCode.Failed, $"'{options.Path}' can't be made: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    private void SayWhatDiffers(ShareOptions options)
    {
        // The size is rounded up when a ring is made.
        bool differs = options.Capacity > Ring.Capacity || (options.Producers is { } producers && producers != Ring.Producers);
        if (differs)
        {
            string writers = Ring.Producers == SharedRingProducers.One ? "one writer" : "many writers";
            Diagnostics.Say($"the ring is there already, with {Ring.Capacity} bytes for {writers}.");
        }
    }

    private void Lock(int operation)
    {
        if (!TryLock(operation))
        {
            string reason = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            throw new CommandFailure(ExitCode.Failed, $"'{_path}' can't be locked: {reason}.");
        }
    }

    private bool TryLock(int operation)
    {
        int result;
        do
            result = LibC.FileLock(Number, operation);
        while (result != 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);

        return result == 0;
    }
}
