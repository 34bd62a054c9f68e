using System.Globalization;
using PerfRing.Load;
using PerfRing.Testing;

switch (args)
{
    case ["drain", .. var rest] when rest.Length <= 1:
        DrainComparison.Run(Slices(rest, 40));
        return 0;
    case ["merge", .. var rest] when rest.Length <= 1:
        MergeComparison.Run(Slices(rest, 40));
        return 0;
    case ["staging", .. var rest] when rest.Length <= 1:
        // No test takes a CPU away meanwhile.
        using (MachineLock.Shared())
        {
            StagingComparison.Run(Slices(rest, 40));
            StagingLatency.Run(1_000);
        }

        return 0;
    case ["wakeup", .. var rest] when rest.Length <= 2:
        WakeupDistributions.Run(Slices(rest, 10), rest.Length > 1 ? rest[1] : null);
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: PerfRing.Load drain|merge|staging [slices]
                   PerfRing.Load wakeup [slices [plot.svg]]

              drain     Full 1 MiB perf rings, written by a BPF program on this CPU and drained by foreach, by Drain and by a plain
                        C loop, in turns within one run. Prints the median ns a record, and the ratios. Needs root.
              merge     Full scripted rings, read ring by ring and merged, in turns within one run. Prints the same.
              staging   Full 16 MiB rings, drained in place, and moved by the staging thread and drained then, in turns within one
                        run; then the time from a record to the reader that it wakes, both ways. Needs root.
              wakeup    From the stamp of a record to its handler, for each kind of ring, wait policy and placement, and what each
                        costs the side that writes. Prints the distributions, and draws those of the perf ring. Needs root and
                        two CPUs.
            """);
        return 2;
}

static int Slices(string[] arguments, int otherwise) =>
    arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : otherwise;
