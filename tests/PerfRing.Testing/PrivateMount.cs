using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>A file system of the kernel, mounted on a directory of this process's own under the temp folder.</summary>
/// <remarks>Mounts are visible to the whole machine and outlive a process that is killed. The directory therefore carries
/// the process id, and the next private mount removes those whose process is gone.</remarks>
internal sealed class PrivateMount : IDisposable
{
    private const string Prefix = "perfring-mount-";

    private int _disposed;

    /// <param name="type">The file system type, as in /proc/filesystems.</param>
    /// <exception cref="SystemCallException">mount(2) was refused; needs CAP_SYS_ADMIN.</exception>
    internal PrivateMount(string type)
    {
        Path = Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-").FullName;
        int result = LibC.Result(LibC.Mount(type, Path, type, 0, 0));
        if (result != 0)
        {
            Directory.Delete(Path);
            Errno.Throw(result, "mount", $"a private {type} on {Path}; needs CAP_SYS_ADMIN and the file system in the kernel");
        }

        // After the mount: a process that may not mount may not unmount either, and should hear of the former.
        RemoveOrphans();
    }

    /// <summary>The root of the file system.</summary>
    internal string Path { get; }

    /// <summary>Whether a mount point was made by this class, in whatever process.</summary>
    internal static bool Owns(string mountPoint) =>
        System.IO.Path.GetFileName(mountPoint).StartsWith(Prefix, StringComparison.Ordinal);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            Remove(Path);
    }

    private static void RemoveOrphans()
    {
        foreach (string path in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            string pid = System.IO.Path.GetFileName(path)[Prefix.Length..].Split('-')[0];
            if (!Directory.Exists($"/proc/{pid}"))
                Remove(path);
        }
    }

    /// <summary>Detaches rather than unmounts: a file that a test left open must not keep the mount.</summary>
    private static void Remove(string path)
    {
        int result = LibC.Result(LibC.Unmount(path, LibC.DetachMount));

        // EINVAL: nothing was mounted there, as after a crash between the two steps of the constructor. ENOENT: another
        // process removed the same orphan first.
        if (result is not (0 or -Errno.EINVAL or -Errno.ENOENT))
            Errno.Throw(result, "umount2(MNT_DETACH)", $"{path} stays mounted; unmount it by hand");

        try
        {
            Directory.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // The process that removed the same orphan was faster, and the directory is gone as wanted.
        }
    }
}
