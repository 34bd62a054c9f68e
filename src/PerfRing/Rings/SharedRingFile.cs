using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>Makes and opens the files that hold shared rings.</summary>
internal static class SharedRingFile
{
    private const uint OwnerOnly = 0x180; // 0600
    private const uint Sealed = Seal.Shrinking | Seal.Growing | Seal.Sealing;

    /// <summary>A file without a name, which nobody can make shorter.</summary>
    internal static Descriptor MakeAnonymous(SharedRingGeometry geometry)
    {
        const uint flags = Memfd.CloseOnExec | Memfd.AllowSealing;
        int result = Shim.MemfdCreate("perfring", flags | Memfd.NotExecutable, out int fd);

        // Linux before 6.3.
        if (result == -Errno.EINVAL)
            result = Shim.MemfdCreate("perfring", flags, out fd);

        Errno.ThrowIfFailed(result, "memfd_create", "the process or the machine has too many open files, or too little memory");
        Descriptor file = new(fd);
        try
        {
            Allocate(file, geometry.FileSize);
            Errno.ThrowIfFailed(Shim.AddSeals(file, Sealed), "fcntl(F_ADD_SEALS)", "sealing the memory of a shared ring");
            geometry.Write(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A file with a name, which must not be there yet.</summary>
    internal static Descriptor MakeNamed(string path, SharedRingGeometry geometry)
    {
        Errno.ThrowIfFailed(
            Shim.Open(path, Shim.OpenCreate | Shim.OpenNoFollow, OwnerOnly, out int fd),
            "open(O_CREAT | O_EXCL)",
            $"'{path}' can't be made: if it is there, open it, or remove it when nobody uses it any more; "
            + "its folder must be there and writable");
        Descriptor file = new(fd);
        try
        {
            Allocate(file, geometry.FileSize);
            geometry.Write(file);
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a file by its name, but not through a symbolic link.</summary>
    internal static Descriptor OpenNamed(string path, out SharedRingGeometry geometry)
    {
        Errno.ThrowIfFailed(
            Shim.Open(path, Shim.OpenNoFollow, 0, out int fd),
            "open(O_NOFOLLOW)",
            $"'{path}' must be a file that this user may read and write, and no symbolic link");
        return Check(new Descriptor(fd), $"'{path}'", mustBeSealed: false, out geometry);
    }

    /// <summary>Opens memory of which this process has a descriptor, if it is sealed.</summary>
    internal static Descriptor OpenSealed(int fd, out SharedRingGeometry geometry)
    {
        // Before it is opened anew: a peer may pass a descriptor (O_PATH) of something that it may not open itself, and
        // opening a device does something. Only files that memfd_create made have these seals.
        using (Descriptor given = Descriptor.Duplicate(fd))
            CheckSeals(given, $"Descriptor {fd}");

        return Check(Reopen(fd), $"Descriptor {fd}", mustBeSealed: true, out geometry);
    }

    /// <summary>Opens the file of a descriptor anew: locks belong to an open file, and each writer and reader needs its
    /// own.</summary>
    internal static Descriptor Reopen(int fd)
    {
        Errno.ThrowIfFailed(
            Shim.Open($"/proc/self/fd/{fd}", 0, 0, out int anew),
            $"open(/proc/self/fd/{fd})",
            "the descriptor must be open, its file readable and writable for this user, and /proc mounted");
        return new Descriptor(anew);
    }

    private static Descriptor Check(Descriptor file, string what, bool mustBeSealed, out SharedRingGeometry geometry)
    {
        try
        {
            Errno.ThrowIfFailed(Shim.FileStatus(file, out uint mode, out _), "fstat", what);
            if ((mode & FileType.Mask) != FileType.Regular)
                throw new SharedRingFormatException($"{what} is no shared ring: it is no regular file.");

            if (mustBeSealed)
                CheckSeals(file, what);

            // After the seals: from here on it stays as it is.
            Errno.ThrowIfFailed(Shim.FileStatus(file, out _, out ulong size), "fstat", what);
            geometry = SharedRingGeometry.Read(file, size, what);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void CheckSeals(Descriptor file, string what)
    {
        // EINVAL: files that are not made by memfd_create have no seals.
        if (Shim.GetSeals(file, out uint seals) != 0 || (seals & Sealed) != Sealed)
        {
            throw new SharedRingFormatException(
                $"{what} is not sealed against shrinking, growing and further sealing: whoever can shorten it could end this "
                + "process with SIGBUS. Make the ring with SharedRing.CreateAnonymous; open a file with a name by its path.");
        }
    }

    private static void Allocate(Descriptor file, ulong size)
    {
        int result;
        do
            result = Shim.Allocate(file, 0, size);
        while (result == -Errno.EINTR);

        // All of it now: a page that can't be found later is SIGBUS.
        Errno.ThrowIfFailed(
            result,
            "fallocate",
            $"{size} bytes are not there, or the file system can't promise them: a tmpfs such as /dev/shm can");
    }
}
