using System.CommandLine;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Maps;

/// <summary><c>perfring maps</c>: the rings of BPF programs that run on this machine.</summary>
internal static class MapsCommand
{
    private const string Examples =
        """
        perfring maps                                       the rings of BPF programs that run here
        perfring maps --json | jq '.[] | select(.pids == [])'
        """;

    internal static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print one JSON array, an object for each map." };
        Command command = new CommandWithExamples(
            "maps", "Lists the machine's perf event arrays and BPF ring buffers, with those who hold them. Needs CAP_SYS_ADMIN.",
            Examples)
        {
            json,
        };
        command.SetAction(parsed => (int)Run(parsed.GetValue(json)));
        return command;
    }

    private static ExitCode Run(bool json)
    {
        IReadOnlyList<ListedMap> maps = ListedMap.All();
        OutputBuffer output = new();
        if (json)
            JsonMapList.Write(output, maps);
        else if (maps.Count > 0)
            TextMapList.Write(output, maps);
        else
            Diagnostics.Say("no BPF program has a ring on this machine now.");

        _ = output.WriteOut();
        return ExitCode.Done;
    }
}
