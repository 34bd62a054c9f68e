using System.CommandLine;
using PerfRing.Cli.Maps;
using PerfRing.Cli.Reading;
using PerfRing.Cli.Values;

namespace PerfRing.Cli.Read;

/// <summary>The arguments of <c>perfring read</c>.</summary>
internal static class ReadCommand
{
    internal const string TakeOverName = "--take-over";
    internal const string DropsName = "--drops";

    private const string DropsIndexName = "--drops-index";

    private const string Examples =
        """
        perfring read --map name:events                     follow a ring buffer, beside whoever consumes it
        perfring read --map id:42 --format json --count 10 | jq .text
        perfring read --map /sys/fs/bpf/events --take-over --format raw > records
        perfring read --map name:events --take-over --drops name:drops --strict
        """;

    internal static Command Create()
    {
        Option<MapReference> map = ValuedOption.Create(
            "--map", MapReference.Form, "Where the BPF program writes, as 'perfring maps' lists it, or where it is pinned.",
            MapReference.Parse);
        map.Required = true;
        Option<PayloadFormat> format = ValuedOption.Create(
            "--format", "hex|json|raw",
            "How records are printed; json is one object a line, raw is the payloads and nothing between them. What comes out of "
            + "a perf event array has up to 7 bytes more than were written: the kernel pads. [default: hex]",
            PayloadFormatText.Parse);
        Option<long?> count = ValuedOption.Create<long?>(
            "--count", "N", "End after N records.", text => NumberText.ParseLong(text));
        Option<TimeSpan?> duration = ValuedOption.Create<TimeSpan?>(
            "--duration", "TIME", "End after this time, such as 3s, 500ms or 2m.", text => DurationText.Parse(text));
        Option<bool> strict = new("--strict")
        {
            Description = "Exit with 1 if any record was lost or may have been: always where a ring buffer is read without "
                + $"{DropsName}, since the kernel then tells nobody.",
        };
        Option<bool> takeOver = new(TakeOverName)
        {
            Description = "Consume, in the place of whoever does now and gets nothing more; for a perf event array the only way. "
                + "Without it a ring buffer is followed: what is overwritten before it is seen is missing.",
        };
        Option<TimeSpan?> within = ValuedOption.Create<TimeSpan?>(
            "--within", "TIME", "Look after this time in any case. [default: 10ms]", text => DurationText.Parse(text));
        Option<MapReference?> drops = ValuedOption.Create<MapReference?>(
            DropsName, MapReference.Form, "Where the program counts what found no room, by the convention of perfring.bpf.h.",
            MapReference.Parse);
        Option<int> dropsIndex = ValuedOption.Create(
            DropsIndexName, "N", "The element of that map which belongs to the ring. [default: 0]", NumberText.ParseIndex);

        Command command = new CommandWithExamples(
            "read", "Prints what a running BPF program writes into its map, until Ctrl-C.", Examples)
        {
            map, format, count, duration, strict, takeOver, within, drops, dropsIndex,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(dropsIndex) is { Implicit: false } && result.GetResult(drops) is null)
                result.AddError($"{DropsIndexName} says nothing without {DropsName}.");
        });
        command.SetAction(parsed => (int)ReadRun.Start(new ReadOptions
        {
            Map = parsed.GetRequiredValue(map),
            Drops = parsed.GetValue(drops),
            DropsIndex = parsed.GetValue(dropsIndex),
            Format = parsed.GetValue(format),
            Limits = new ReadingLimits(parsed.GetValue(duration), parsed.GetValue(count), parsed.GetValue(strict)),
            TakeOver = parsed.GetValue(takeOver),
            Within = parsed.GetValue(within),
        }));
        return command;
    }
}
