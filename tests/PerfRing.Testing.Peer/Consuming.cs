namespace PerfRing.Testing.Peer;

/// <summary>Starts a consumer where the process may not run.</summary>
internal static class Consuming
{
    internal static async Task On(int cpu)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new SharedRingOptions());
        using SharedRingReader reader = SharedRingReader.Open(ring);
        try
        {
            await using PerCoreConsumer consumer = PerCoreConsumer.Start(
                reader, static _ => default(Ignoring), new PerCoreConsumerOptions { Placement = ThreadPlacement.On(CpuSet.Of(cpu)) });
            Console.WriteLine("started");
        }
        catch (SystemCallException refusal)
        {
            Console.WriteLine(refusal.Message);
        }

        // It is whole again.
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Console.WriteLine(batch.Status);
    }

    private readonly struct Ignoring : IRecordHandler
    {
        public bool Handle(Record record) => true;
    }
}
