using System.Globalization;
using PerfRing.Load;
using PerfRing.Testing;

switch (args)
{
    case ["drain", ..]:
        DrainComparison.Run(Number(40));
        return 0;
    case ["staging", ..]:
        // No test takes a CPU away meanwhile.
        using (MachineLock.Shared())
        {
            StagingComparison.Run(Number(40));
            StagingLatency.Run(1_000);
        }

        return 0;
    default:
        Console.Error.WriteLine("""
            usage: PerfRing.Load drain|staging [slices]

              drain     Full 1 MiB perf rings, written by a BPF program on this CPU and drained by foreach, by Drain and by a plain
                        C loop, in turns within one run. Prints the median ns a record, and the ratios. Needs root.
              staging   Full 16 MiB rings, drained in place, and moved by the staging thread and drained then, in turns within one
                        run; then the time from a record to the reader that it wakes, both ways. Needs root.
            """);
        return 2;
}

int Number(int otherwise) => args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : otherwise;
