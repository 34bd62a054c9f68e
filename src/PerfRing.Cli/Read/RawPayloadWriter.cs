using PerfRing.Cli.Output;

namespace PerfRing.Cli.Read;

/// <summary>The payloads as they are, one behind the other. What was lost is in the summary only.</summary>
internal sealed class RawPayloadWriter(OutputBuffer output) : RecordWriter(output)
{
    internal override void Sample(scoped in Record record) => Output.Append(record.Payload);

    internal override void Lost(scoped in Record record)
    {
    }

    internal override void Gap(scoped in Record record)
    {
    }

    internal override void Throttle(scoped in Record record)
    {
    }
}
