namespace PerfRing.Cli;

/// <summary>What the process tells its caller; <see cref="ExitCodes.Table"/> is what <c>--help</c> shows of it.</summary>
internal enum ExitCode
{
    Done = 0,
    Loss = 1,
    Usage = 2,
    Refused = 3,
    Missing = 4,
    Failed = 5,
}

/// <summary>The exit codes in words.</summary>
internal static class ExitCodes
{
    internal const string Table =
        """
        Exit codes:
          0  done, also when a signal or a closed pipe ended it
          1  records were lost, or may have been, and --strict was given; with share: the other side was killed, or is not there
          2  the command line is wrong
          3  the kernel refused: rights or limits; with share: the place at the ring is taken
          4  an event, a process, a map or a facility of the kernel is not there
          5  anything else
        """;
}
