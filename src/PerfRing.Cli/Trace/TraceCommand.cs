using System.CommandLine;
using System.CommandLine.Parsing;
using PerfRing.Cli.Events;
using PerfRing.Cli.Output;
using PerfRing.Cli.Values;

namespace PerfRing.Cli.Trace;

/// <summary>The arguments of <c>perfring trace</c>.</summary>
internal static class TraceCommand
{
    private const string BufferSizeName = "--buffer-size";
    private const string CpusName = "--cpus";
    private const string WakeupEventsName = "--wakeup-events";
    private const string WakeupBytesName = "--wakeup-bytes";
    private const string MergeName = "--merge";
    private const string HoldBackName = "--hold-back";

    private static readonly TimeSpan LongestHoldBack = TimeSpan.FromMinutes(1);

    private const string Examples =
        """
        perfring trace                                      the best this machine allows, until Ctrl-C
        perfring trace sched:sched_switch --duration 3s     every switch between threads, for three seconds
        perfring trace sched:sched_wakeup irq:irq_handler_entry --cpus 0-3
        perfring trace context-switches --pid 4711 --count 100
        perfring trace syscalls:sys_enter_openat --format json | jq .fields
        perfring trace sched:sched_switch sched:sched_wakeup --merge --hold-back 2ms
        perfring trace sched:sched_switch --strict > /dev/null || echo incomplete
        """;

    internal static Command Create()
    {
        Argument<string[]> events = new("EVENT")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "A tracepoint, subsystem:name, or a software event: " + SoftwareEventNames.List
                + ". Several write into the same rings. Without one: the best that this machine allows.",
        };
        // What looks like an option would pass as an event, and be reported as one that the kernel lacks.
        events.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (token.Value.StartsWith('-'))
                    result.AddError($"there is no option '{token.Value}'.");
            }
        });
        Option<TimeSpan?> duration = ValuedOption.Create<TimeSpan?>(
            "--duration", "TIME", "End after this time, such as 3s, 500ms or 2m.", text => DurationText.Parse(text));
        Option<long?> count = ValuedOption.Create<long?>(
            "--count", "N", "End after N records.", text => NumberText.ParseLong(text));
        Option<OutputFormat> format = ValuedOption.Create(
            "--format", "text|json|hex", "How records are printed; json is one object a line. [default: text]", FormatText.Parse);
        Option<int?> bufferSize = ValuedOption.Create<int?>(
            BufferSizeName, "SIZE", "Bytes of each CPU's ring, such as 64K or 1M. [default: 512K]", text => SizeText.Parse(text));
        Option<CpuSet?> cpus = ValuedOption.Create<CpuSet?>(
            CpusName, "LIST", "Only these CPUs, such as 0-3,8. [default: all online]", text => OnlineCpus.Parse(text));
        Option<int?> pid = ValuedOption.Create<int?>(
            "--pid", "N", "Only this process, its threads and those that they start.", text => NumberText.Parse(text));
        Option<bool> strict = new("--strict") { Description = "Exit with 1 if any record was lost or may have been." };
        Option<int?> wakeupEvents = ValuedOption.Create<int?>(
            WakeupEventsName, "N", "Look when a ring got N records.", text => NumberText.Parse(text));
        Option<int?> wakeupBytes = ValuedOption.Create<int?>(
            WakeupBytesName, "SIZE", "Look when a ring got so many bytes. [default: a quarter]", text => SizeText.Parse(text));
        Option<TimeSpan?> within = ValuedOption.Create<TimeSpan?>(
            "--within", "TIME", "Look after this time in any case. [default: 10ms]", text => DurationText.Parse(text));

        Option<bool> merge = new(MergeName)
        {
            Description = "Print the records of all CPUs in the order of time, those that came too late for it marked as late.",
        };
        Option<TimeSpan?> holdBack = ValuedOption.Create<TimeSpan?>(
            HoldBackName, "TIME", "How long --merge holds a record back for earlier ones to arrive. [default: 5ms]",
            static text => DurationText.Parse(text) is var time && time <= LongestHoldBack ? time : throw new FormatException(
                $"{text} is more than {LongestHoldBack.TotalSeconds}s."));

        Command command = new CommandWithExamples(
            "trace", "Prints events as they happen, from every CPU, until Ctrl-C.", Examples)
        {
            events, duration, count, format, bufferSize, cpus, pid, strict, wakeupEvents, wakeupBytes, within, merge,
            holdBack,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(wakeupEvents) is not null && result.GetResult(wakeupBytes) is not null)
                result.AddError($"{WakeupEventsName} and {WakeupBytesName} exclude each other: a ring has one mark.");
            if (result.GetResult(holdBack) is not null && !result.GetValue(merge))
                result.AddError($"{HoldBackName} is for {MergeName}.");
        });
        command.SetAction(parsed => (int)TraceRun.Start(new TraceOptions
        {
            Events = parsed.GetValue(events) ?? [],
            Duration = parsed.GetValue(duration),
            Count = parsed.GetValue(count),
            Format = parsed.GetValue(format),
            BufferSize = parsed.GetValue(bufferSize) ?? PerfEventReaderOptions.DefaultBufferSize,
            Cpus = parsed.GetValue(cpus),
            ProcessId = parsed.GetValue(pid),
            Strict = parsed.GetValue(strict),
            WakeupEvents = parsed.GetValue(wakeupEvents),
            WakeupBytes = parsed.GetValue(wakeupBytes),
            Within = parsed.GetValue(within),
            Merge = parsed.GetValue(merge),
            HoldBack = parsed.GetValue(holdBack),
        }));
        return command;
    }
}
