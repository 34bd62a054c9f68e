using PerfRing.Load;

if (args is not ["drain" or "merge", ..])
{
    Console.Error.WriteLine("""
        usage: PerfRing.Load drain|merge [slices]

          drain   Full 1 MiB perf rings, written by a BPF program on this CPU and drained by foreach, by Drain and by a plain
                  C loop, in turns within one run. Prints the median ns a record, and the ratios. Needs root.
          merge   Full scripted rings, read ring by ring and merged, in turns within one run. Prints the same.
        """);
    return 2;
}

int slices = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 40;
if (args[0] == "drain")
    DrainComparison.Run(slices);
else
    MergeComparison.Run(slices);

return 0;
