using PerfRing.Cli.Output;

namespace PerfRing.Cli.Reading;

/// <summary>The loop from rings to stdout.</summary>
internal sealed class RecordPrinter(RingReader reader, RecordWriter writer, OutputBuffer output)
{
    /// <summary>Output goes out once a batch, since each write makes events of its own; but a batch of huge rings must not
    /// become text as a whole.</summary>
    private const int LargestOutput = 1 << 20;

    internal RecordTally Tally { get; } = new();

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
            using (RecordBatch batch = reader.Read(Timeout.InfiniteTimeSpan, budget, CancellationToken.None))
            {
                if (batch.Status != ReadStatus.Records)
                    return true;

                if (!Append(batch))
                    return false;
            }

            // After the batch: the producer has its memory back while a slow terminal takes the text.
            if (!output.WriteOut())
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

            if (output.Length >= LargestOutput && !output.WriteOut())
            {
                // The rest was not lost: it stays in the rings.
                batch.ReleaseThrough(record);
                return false;
            }
        }

        return true;
    }
}
