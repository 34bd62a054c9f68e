using PerfRing.Interop;

namespace PerfRing;

/// <summary>A system call that the kernel refused.</summary>
/// <remarks>The message names the call, the error by its symbol and the remedy:
/// <c>perf_event_open: EACCES: kernel.perf_event_paranoid is 3; needs CAP_PERFMON</c>.</remarks>
public sealed class SystemCallException : PerfRingException
{
    internal SystemCallException(string call, int errno, string remedy)
        : base($"{call}: {Interop.Errno.Name(errno)}: {remedy}")
    {
        Call = call;
        Errno = errno;
        Remedy = remedy;
    }

    /// <summary>The system call, with its command where it has one, such as <c>bpf(BPF_OBJ_GET)</c>.</summary>
    public string Call { get; }

    /// <summary>The error number, as in errno(3).</summary>
    public int Errno { get; }

    /// <summary>The symbol of <see cref="Errno"/>, such as <c>EACCES</c>.</summary>
    public string ErrnoName => Interop.Errno.Name(Errno);

    /// <summary>What was being done and what can be done about the refusal.</summary>
    public string Remedy { get; }
}
