namespace PerfRing;

/// <summary>All places at a shared ring are taken: it has its reader, its one writer, or its 64 writers.</summary>
/// <remarks>A place is held by a lock of the file, which the kernel drops when its holder ends, in whatever way.</remarks>
public sealed class SharedRingBusyException : PerfRingException
{
    internal SharedRingBusyException(string what, uint processId)
        : base($"{what}: process {processId}, as it said itself when it came; dispose it there, or end it") =>
        ProcessId = (int)processId;

    /// <summary>The process that holds the place, or one of them, as it wrote it down itself: in the numbers of its own PID
    /// namespace, and for information only.</summary>
    public int ProcessId { get; }
}
