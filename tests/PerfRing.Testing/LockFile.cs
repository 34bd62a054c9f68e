using System.Diagnostics;
using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>A file under flock(2), which excludes other processes and is released by the kernel when this one ends.</summary>
/// <remarks>FileStream can't serve: it takes a flock of its own at opening and fails where that is refused.</remarks>
internal sealed class LockFile : IDisposable
{
    private const uint ReadableByAll = 0b100_100_100;
    private const int PollMilliseconds = 10;

    private static readonly ManualResetEventSlim Never = new();

    private readonly string _path;
    private readonly Descriptor _file;

    internal LockFile(string path)
    {
        _path = path;

        // Without O_CREAT first: in a sticky directory, fs.protected_regular refuses it on a file of another user.
        int fd = LibC.Result(LibC.Open(path, LibC.OpenReadOnly | LibC.OpenCloseOnExec, 0));
        if (fd == -Errno.ENOENT)
        {
            fd = LibC.Result(LibC.Open(path, LibC.OpenReadOnly | LibC.OpenCreate | LibC.OpenCloseOnExec, ReadableByAll));
        }

        if (fd < 0)
            Errno.Throw(fd, "open", $"{path} is the lock between test processes; make it readable or remove it");
        _file = new Descriptor(fd);
    }

    /// <summary>Takes the lock, or changes how it is held; what was held before is given up first.</summary>
    /// <exception cref="TimeoutException">Others held it for the whole bound. This process then holds nothing.</exception>
    internal void Take(bool exclusive, TimeSpan bound)
    {
        int operation = (exclusive ? LibC.LockExclusive : LibC.LockShared) | LibC.LockNonBlocking;
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            int result = LibC.Result(LibC.FileLock(_file.Number, operation));
            if (result == 0)
                return;
            if (result != -Errno.EAGAIN)
                Errno.Throw(result, "flock", $"locking {_path}");
            if (Stopwatch.GetElapsedTime(started) >= bound)
                throw TimedOut(exclusive, bound);
            Never.Wait(PollMilliseconds);
        }
    }

    internal void Release() =>
        Errno.ThrowIfFailed(LibC.Result(LibC.FileLock(_file.Number, LibC.LockRelease)), "flock(LOCK_UN)", _path);

    /// <summary>Releases and stays away for as long as those who wait need to notice.</summary>
    internal void LetOthersGoFirst()
    {
        Release();
        Never.Wait(3 * PollMilliseconds);
    }

    public void Dispose() => _file.Dispose();

    private TimeoutException TimedOut(bool exclusive, TimeSpan bound)
    {
        string holders = string.Join(", ", Holders());
        return new TimeoutException(
            $"The lock {_path} between test processes was not to be had {(exclusive ? "exclusively" : "shared")} within "
            + $"{bound.TotalSeconds:0.#} s. Held by: {(holders.Length == 0 ? "nobody that /proc/locks names" : holders)}.");
    }

    private IEnumerable<string> Holders()
    {
        string? inode = File.ReadLines($"/proc/self/fdinfo/{_file.Number}")
            .FirstOrDefault(line => line.StartsWith("ino:", StringComparison.Ordinal))?[4..].Trim();
        foreach (string line in File.ReadLines("/proc/locks"))
        {
            // "1: FLOCK  ADVISORY  WRITE 4711 fe:00:131075 0 EOF"; those who wait have an arrow in the second place.
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "FLOCK", _, var kind, var pid, var place, ..]
                && place.Split(':')[^1] == inode)
            {
                string comm = $"/proc/{pid}/comm";
                yield return $"{(File.Exists(comm) ? File.ReadAllText(comm).Trim() : "?")} (pid {pid}, {kind})";
            }
        }
    }
}
