using PerfRing.Cli.Output;

namespace PerfRing.Cli.Reading;

/// <summary>Prints ring by ring, each in its own order.</summary>
internal sealed class RingPrinter(RingReader reader, RecordWriter writer, OutputBuffer output) : RecordPrinter(writer, output)
{
    protected override Outcome ReadBatch(in ReadBudget budget)
    {
        using RecordBatch batch = reader.Read(Timeout.InfiniteTimeSpan, budget, CancellationToken.None);
        if (batch.Status != ReadStatus.Records)
            return Outcome.Ended;

        foreach (Record record in batch)
        {
            if (!Append(record))
            {
                // The rest was not lost: it stays in the rings.
                batch.ReleaseThrough(record);
                return Outcome.Unheard;
            }
        }

        return Outcome.Printed;
    }
}
