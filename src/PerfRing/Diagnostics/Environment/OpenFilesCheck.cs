namespace PerfRing;

/// <summary>Whether RLIMIT_NOFILE has room for an event of each CPU.</summary>
internal static class OpenFilesCheck
{
    internal const string Name = "open-files";

    /// <summary>A reader's own descriptors beside its events: the epoll set and the one that wakes it.</summary>
    private const int OfReader = 2;

    /// <summary>Room for files and sockets that the process opens later.</summary>
    private const int Margin = 32;

    /// <summary>With fewer events at once than this, it is worth a word.</summary>
    private const int Comfortable = 16;

    /// <param name="online">The number of CPUs.</param>
    /// <param name="limit">RLIMIT_NOFILE: the soft one, which .NET raises to the hard one at its start.</param>
    /// <param name="open">Descriptors open now; null where they can't be counted.</param>
    internal static EnvironmentCheck Judge(int? online, long? limit, int? open)
    {
        if (online is not { } cpus)
            return EnvironmentCheck.Unreadable(Name, KernelFiles.Cpus + "/online");

        if (limit is not { } most)
            return EnvironmentCheck.Unreadable(Name, KernelFiles.Limits);

        int used = open ?? 0;
        long need = (long)cpus + OfReader + used + Margin;
        string limits = most == ResourceLimit.Unlimited ? "RLIMIT_NOFILE is unlimited" : $"RLIMIT_NOFILE is {most}";
        string finding = $"{limits}; needed {need}: {cpus} CPUs x 1 event + {OfReader} of the reader + {used} open now + {Margin} in "
            + "reserve";
        if (need > most)
            return EnvironmentCheck.Failed(Name, finding + ".", $"ulimit -n {need}, or LimitNOFILE={need} of the systemd unit, at least.");

        long events = (most - used - Margin - OfReader) / cpus;
        return events < Comfortable
            ? EnvironmentCheck.Warning(Name, $"{finding}; {events} events at once are the most.")
            : EnvironmentCheck.Passed(Name, finding + ".");
    }
}
