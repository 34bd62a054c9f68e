namespace PerfRing.Testing;

/// <summary>Waits for the staging thread of a reader.</summary>
internal static class StagedReading
{
    /// <summary>Less free room than this counts as none: no record of the contract suites is larger when it fills rings.</summary>
    private const ulong Little = 512;

    /// <summary>Returns when everything that the kernel has can be read, or does not fit into the staging rings.</summary>
    internal static void Settle(this RingReader reader) => Wait.Until(
        () => Array.TrueForAll(reader.PipeRings, IsSettled), "the staging thread", seen: () => Seen(reader));

    /// <summary>Returns when everything that the kernel has is in the staging rings.</summary>
    internal static void UntilAllIsStaged(this RingReader reader) => Wait.Until(
        () => Array.TrueForAll(reader.PipeRings, static ring => ring.LoadReadable() == ring.LoadProducer()),
        "the staging thread to move everything",
        seen: () => Seen(reader));

    /// <summary>Whether there is something that was not read, wherever it is.</summary>
    internal static bool HasMore(this RingReader reader) =>
        Array.Exists(reader.PipeRings, static ring => ring.LoadProducer() != ring.Tail);

    /// <summary>Reads until there is nothing more, and gives the batches to a method that reads one.</summary>
    internal static List<T> ReadAll<T>(this RingReader reader, Func<List<T>> read)
    {
        List<T> all = [];
        do
        {
            reader.Settle();
            all.AddRange(read());
        }
        while (reader.HasMore());

        return all;
    }

    private static bool IsSettled(Ring ring)
    {
        ulong readable = ring.LoadReadable();
        return readable == ring.LoadProducer() || ring.Capacity - (readable - ring.Tail) < Little;
    }

    private static string Seen(RingReader reader) => string.Join(
        "; ", reader.PipeRings.Select(static ring =>
            $"{ring.LoadProducer() - ring.LoadReadable()} bytes in the kernel's ring, {ring.LoadReadable() - ring.Tail} staged"));
}
