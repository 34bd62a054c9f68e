namespace PerfRing.Cli.Events;

/// <summary>Tells a missing right to open an event from other failures, that of locking memory included.</summary>
internal static class PermissionDenied
{
    internal static bool Is(SystemCallException e) =>
        e is { Call: "perf_event_open", ErrnoName: "EACCES" or "EPERM" };
}
