using PerfRing.Cli.Output;

namespace PerfRing.Cli.Reading;

/// <summary>Prints the records of all rings in the order of time, and marks those that came too late for it.</summary>
internal sealed class MergedPrinter(MergedReader merged, RecordWriter writer, OutputBuffer output) : RecordPrinter(writer, output)
{
    protected override Outcome ReadBatch(in ReadBudget budget)
    {
        using MergedBatch batch = merged.Read(Timeout.InfiniteTimeSpan, budget, CancellationToken.None);
        if (batch.Status != ReadStatus.Records)
            return Outcome.Ended;

        foreach (MergedRecord record in batch)
        {
            Writer.IsLate = record.IsLate;
            if (!Append(record.Record))
                return Outcome.Unheard;
        }

        return Outcome.Printed;
    }
}
