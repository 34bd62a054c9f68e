namespace PerfRing.Cli;

/// <summary>Ends the command with one message for the user and an exit code.</summary>
internal sealed class CommandFailure(ExitCode code, string message, Exception? cause = null) : Exception(message, cause)
{
    internal ExitCode Code { get; } = code;

    internal static CommandFailure Usage(string message) => new(ExitCode.Usage, message);

    /// <summary>Sorts what the library throws for conditions outside the program.</summary>
    internal static CommandFailure From(PerfRingException e) => new(CodeOf(e), e.Message, e);

    private static ExitCode CodeOf(PerfRingException e) => e switch
    {
        TracepointNotFoundException => ExitCode.Missing,
        TracingUnavailableException => e.InnerException is UnauthorizedAccessException ? ExitCode.Refused : ExitCode.Missing,
        SharedRingBusyException => ExitCode.Refused,
        SystemCallException { ErrnoName: "ENOENT" or "EOPNOTSUPP" or "ENOSYS" or "ESRCH" or "ENODEV" } => ExitCode.Missing,
        SystemCallException { ErrnoName: "EACCES" or "EPERM" or "EBUSY" or "EMFILE" or "ENFILE" or "ENOMEM" or "ENOSPC" } =>
            ExitCode.Refused,
        _ => ExitCode.Failed,
    };
}
