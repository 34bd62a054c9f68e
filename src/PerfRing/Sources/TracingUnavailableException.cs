namespace PerfRing;

/// <summary>The kernel's tracing files, where tracepoints are described, can't be reached.</summary>
/// <remarks>The message names the place and the remedy: tracefs has to be mounted, and reading it takes root or a right that
/// the administrator gave (Documentation/trace/ftrace.rst of the kernel).</remarks>
public sealed class TracingUnavailableException : PerfRingException
{
    internal TracingUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
