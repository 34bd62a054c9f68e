namespace PerfRing.KernelTests.Drops;

/// <summary>Counts what a reader delivers.</summary>
internal static class Records
{
    /// <summary>Takes everything that is in the rings.</summary>
    internal static long Drain(RingReader reader)
    {
        Sink sink = default;
        return reader.Drain(ref sink).Records;
    }

    private readonly struct Sink : IRecordHandler
    {
        public bool Handle(Record record) => true;
    }
}
