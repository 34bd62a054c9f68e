using PerfRing.Cli.Output;

namespace PerfRing.Cli.Reading;

/// <summary>The loop from rings to stdout.</summary>
internal abstract class RecordPrinter(RecordWriter writer, OutputBuffer output)
{
    /// <summary>Output goes out once a batch, since each write makes events of its own; but a batch of huge rings must not
    /// become text as a whole.</summary>
    private const int LargestOutput = 1 << 20;

    /// <summary>What became of a batch.</summary>
    protected enum Outcome
    {
        Printed,

        /// <summary>There will be no other.</summary>
        Ended,

        /// <summary>Nobody listens any more.</summary>
        Unheard,
    }

    internal RecordTally Tally { get; } = new();

    protected RecordWriter Writer => writer;

    /// <summary>Prints until the end.</summary>
    /// <param name="count">After how many records that is; null for no end of its own.</param>
    /// <returns>False when nobody listens any more.</returns>
    /// <exception cref="CommandFailure">stdout can't be written to.</exception>
    internal bool Print(long? count)
    {
        while (Tally.Records != count)
        {
            // Loss notices use up budget without being records: then there is another round.
            ReadBudget budget = count is { } all ? ReadBudget.OfRecords(all - Tally.Records) : ReadBudget.Unlimited;
            switch (ReadBatch(budget))
            {
                case Outcome.Ended:
                    return true;
                case Outcome.Unheard:
                    return false;
            }

            // After the batch: the producer has its memory back while a slow terminal takes the text.
            if (!output.WriteOut())
                return false;
        }

        return true;
    }

    /// <summary>Waits for a batch, and appends its records to the output.</summary>
    protected abstract Outcome ReadBatch(in ReadBudget budget);

    /// <summary>Appends a record.</summary>
    /// <returns>False when nobody listens any more.</returns>
    protected bool Append(scoped in Record record)
    {
        switch (record.Kind)
        {
            case RecordKind.Sample:
                writer.Sample(record);
                Tally.Add(record.Cpu, record.Size);
                break;
            case RecordKind.Lost or RecordKind.LostSamples:
                writer.Lost(record);
                break;
            case RecordKind.Gap:
                writer.Gap(record);
                break;
            case RecordKind.Outage:
                writer.Outage(record);
                break;
            case RecordKind.Throttle or RecordKind.Unthrottle:
                writer.Throttle(record);
                break;
        }

        return output.Length < LargestOutput || output.WriteOut();
    }
}
