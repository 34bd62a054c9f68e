using System.Diagnostics;
using System.Runtime.InteropServices;
using PerfRing.Cli.Events;
using PerfRing.Cli.Interop;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Trace;

/// <summary>One run of <c>perfring trace</c>, from opening the events to the exit code.</summary>
internal sealed class TraceRun
{
    /// <summary>Output goes out once a batch, since each write makes events of its own; but a batch of huge rings must not
    /// become text as a whole.</summary>
    private const int LargestOutput = 1 << 20;

    private readonly OpenedTrace _trace;
    private readonly long? _count;
    private readonly OutputBuffer _output = new();
    private readonly RecordWriter _writer;
    private readonly TraceTally _tally;

    private TraceRun(OpenedTrace trace, TraceOptions options)
    {
        _trace = trace;
        _count = options.Count;
        _writer = RecordWriter.Create(options.Format, _output, trace.Events);
        _tally = new TraceTally(trace.Reader.Cpus);
    }

    /// <exception cref="CommandFailure">The events can't be opened as asked, or stdout can't be written to.</exception>
    /// <exception cref="PerfRingException">An event is not there, or the kernel refused.</exception>
    internal static ExitCode Start(TraceOptions options)
    {
        using OpenedTrace trace = options.Events.Count == 0 ? BestEvents.Open(options) : RequestedEvents.Open(options);
        return new TraceRun(trace, options).Run(options.Duration, options.Strict);
    }

    private ExitCode Run(TimeSpan? duration, bool strict)
    {
        // This thread is the tool's own, and waits for rings with delays that may be far below a millisecond.
        _ = LibC.SetTimerSlack(1);
        PerfEventReader reader = _trace.Reader;
        using TraceEnd end = new(reader);
        long started = Stopwatch.GetTimestamp();
        reader.Enable();
        if (duration is { } time)
            end.After(time);

        bool heard = Print();
        reader.Disable();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        LossLedger losses = reader.ReadLosses();

        // Who closed the pipe has seen enough, and wants no word about it.
        if (heard)
            TraceSummary.Write(_tally, losses, reader.Wakeups, elapsed);

        if (!strict || (losses.IsExact && !losses.IsAny))
            return ExitCode.Done;

        Diagnostics.Say(losses.IsAny ? "records were lost." : "whether records were lost is not known here.");
        return ExitCode.Loss;
    }

    /// <summary>Prints until the end.</summary>
    /// <returns>False when nobody reads any more.</returns>
    private bool Print()
    {
        while (_tally.Records != _count)
        {
            // Loss notices use up budget without being records: then there is another round.
            ReadBudget budget = _count is { } count ? ReadBudget.OfRecords(count - _tally.Records) : ReadBudget.Unlimited;
            using (RecordBatch batch = _trace.Reader.Read(Timeout.InfiniteTimeSpan, budget, CancellationToken.None))
            {
                if (batch.Status != ReadStatus.Records)
                    return true;

                if (!Append(batch))
                    return false;
            }

            // After the batch: the kernel has its memory back while a slow terminal takes the text.
            if (!WriteOut())
                return false;
        }

        return true;
    }

    private bool Append(scoped in RecordBatch batch)
    {
        foreach (Record record in batch)
        {
            switch (record.Kind)
            {
                case RecordKind.Sample:
                    _writer.Sample(record, _trace.EventOf(record.SourceIndex));
                    _tally.Add(record.Cpu, record.Size);
                    break;
                case RecordKind.Lost or RecordKind.LostSamples:
                    _writer.Lost(record);
                    break;
                case RecordKind.Gap:
                    _writer.Gap(record);
                    break;
                case RecordKind.Throttle or RecordKind.Unthrottle:
                    _writer.Throttle(record);
                    break;
            }

            if (_output.Length >= LargestOutput && !WriteOut())
            {
                // The rest was not lost: it stays in the rings.
                batch.ReleaseThrough(record);
                return false;
            }
        }

        return true;
    }

    private bool WriteOut()
    {
        int error = StandardStream.Output.Write(_output.Written);
        _output.Clear();
        return error switch
        {
            0 => true,
            LibC.EPIPE => false,
            _ => throw new CommandFailure(
                ExitCode.Failed, $"stdout can't be written to: {Marshal.GetPInvokeErrorMessage(error)}."),
        };
    }
}
