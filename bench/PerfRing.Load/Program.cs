using PerfRing.Load;

if (args is not ["drain", ..])
{
    Console.Error.WriteLine("""
        usage: PerfRing.Load drain [slices]

          drain   Full 1 MiB perf rings, written by a BPF program on this CPU and drained by foreach, by Drain and by a plain
                  C loop, in turns within one run. Prints the median ns a record, and the ratios. Needs root.
        """);
    return 2;
}

DrainComparison.Run(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 40);
return 0;
