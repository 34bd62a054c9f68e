using System.Runtime.InteropServices;
using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>A ring of byte records in memory that processes or threads share: one reader, one or up to 64 writers.</summary>
/// <remarks>
/// <para>Needs no privilege. A reader or writer that was opened here lives on when this object is disposed: each has its own
/// mapping and its own open file.</para>
/// <para><b>Trust.</b> A ring made by <see cref="CreateAnonymous(SharedRingOptions)"/> is sealed against changes of its size.
/// Whoever shares it may write anything anywhere in it at any time, and does no more damage than a
/// <see cref="RingCorruptedException"/>, records that nobody wrote, or a ring that stands still. A ring with a name can be
/// shortened by everybody who may write the file, and a process that touches what is missing ends with SIGBUS: use it with
/// peers that you trust; it is made for its owner alone (0600).</para>
/// <para><b>Crashes.</b> A writer that ends in whatever way between reserving and committing loses that record, and nothing
/// else: the reader skips it and counts it. A reader that ends is followed by the next one, which begins where the last one
/// released. A writer that lives and does not commit holds back the records behind its own.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class SharedRing : IDisposable
{
    private readonly Descriptor _file;
    private readonly SharedRingGeometry _geometry;

    private SharedRing(Descriptor file, SharedRingGeometry geometry)
    {
        _file = file;
        _geometry = geometry;
    }

    /// <summary>Bytes for records and their headers; a power of two.</summary>
    public int Capacity => (int)_geometry.Capacity;

    /// <summary>How many writers there may be at a time.</summary>
    public SharedRingProducers Producers => _geometry.ManyProducers ? SharedRingProducers.Many : SharedRingProducers.One;

    /// <summary>The longest payload: the capacity but for a header of 8 bytes.</summary>
    public int LargestRecord => Capacity - (int)RingBufferHeader.Size;

    /// <summary>The file, to be handed to another process: by inheritance, over a Unix socket, or as
    /// <c>/proc/&lt;pid&gt;/fd/&lt;number&gt;</c>. Stays the ring's.</summary>
    public SafeHandle Descriptor => _file;

    /// <summary>Makes a ring in memory without a name, sealed against changes of its size (memfd_create(2)).</summary>
    /// <param name="options">Default: 1 MiB for many writers.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="SystemCallException">There is not enough memory, or there are too many open files.</exception>
    public static SharedRing CreateAnonymous(SharedRingOptions? options = null)
    {
        ShimLibrary.Require();
        return CreateAnonymous(options, SharedFence.IsOffered);
    }

    /// <summary>Makes a ring in a file with a name, for peers that are trusted. Its memory is allocated at once.</summary>
    /// <param name="path">A name that is not taken, best in /dev/shm: elsewhere the system writes the memory to a disk now and
    /// then. The file stays until somebody deletes it.</param>
    /// <param name="options">Default: 1 MiB for many writers.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="SystemCallException">The name is taken or can't be made; or there is not enough memory.</exception>
    public static SharedRing Create(string path, SharedRingOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ShimLibrary.Require();
        SharedRingGeometry geometry = Plan(options, SharedFence.IsOffered);
        return new SharedRing(SharedRingFile.MakeNamed(path, geometry), geometry);
    }

    /// <summary>Opens the ring in a file with a name.</summary>
    /// <param name="path">Not a symbolic link.</param>
    /// <exception cref="SharedRingFormatException">It is no shared ring, or not yet one, or of another version.</exception>
    /// <exception cref="SystemCallException">The file is not there, a symbolic link, or not for this user.</exception>
    public static SharedRing Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ShimLibrary.Require();
        Descriptor file = SharedRingFile.OpenNamed(path, out SharedRingGeometry geometry);
        return new SharedRing(file, geometry);
    }

    /// <summary>Opens a ring of which this process got a descriptor from another, as untrusted as that may be.</summary>
    /// <param name="fd">Stays the caller's, and may be closed: its file is opened anew.</param>
    /// <exception cref="SharedRingFormatException">It is no shared ring, or the memory is not sealed.</exception>
    /// <exception cref="SystemCallException">The descriptor is not open.</exception>
    public static SharedRing Attach(int fd)
    {
        ShimLibrary.Require();
        Descriptor file = SharedRingFile.OpenSealed(fd, out SharedRingGeometry geometry);
        return new SharedRing(file, geometry);
    }

    /// <inheritdoc cref="Attach(int)"/>
    public static SharedRing Attach(SafeHandle fd)
    {
        ArgumentNullException.ThrowIfNull(fd);
        return WithNumber(fd, Attach);
    }

    /// <summary>Takes a writer's place at the ring.</summary>
    /// <exception cref="SharedRingBusyException">All places are taken.</exception>
    /// <exception cref="RingCorruptedException">The positions are impossible.</exception>
    /// <exception cref="SystemCallException">There are too many open files, or too little address space.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public SharedRingWriter OpenWriter()
    {
        Map(out Descriptor file, out SharedRingMapping mapping);
        return SharedRingWriter.Open(file, mapping);
    }

    /// <summary>Closes the file here; readers and writers that are open stay. Idempotent.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>With the choice of fence, which only tests make.</summary>
    internal static SharedRing CreateAnonymous(SharedRingOptions? options, bool isAsymmetric)
    {
        SharedRingGeometry geometry = Plan(options, isAsymmetric);
        return new SharedRing(SharedRingFile.MakeAnonymous(geometry), geometry);
    }

    /// <summary>A mapping and an open file of its own for a reader or a writer.</summary>
    internal void Map(out Descriptor file, out SharedRingMapping mapping)
    {
        file = WithNumber(_file, SharedRingFile.Reopen);
        try
        {
            mapping = SharedRingMapping.Map(file, _geometry);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static SharedRingGeometry Plan(SharedRingOptions? options, bool isAsymmetric) =>
        (options ?? new SharedRingOptions()).ToGeometry(isAsymmetric);

    private static T WithNumber<T>(SafeHandle fd, Func<int, T> use)
    {
        bool held = false;
        try
        {
            fd.DangerousAddRef(ref held);
            return use((int)fd.DangerousGetHandle());
        }
        finally
        {
            if (held)
                fd.DangerousRelease();
        }
    }
}
