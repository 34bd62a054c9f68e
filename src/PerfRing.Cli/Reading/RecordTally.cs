namespace PerfRing.Cli.Reading;

/// <summary>What was printed, by CPU.</summary>
internal sealed class RecordTally
{
    // By CPU id, not by position: the ids of a machine have gaps. At the front those of rings that belong to no CPU, which is -1.
    private long[] _records = new long[1];

    internal long Records { get; private set; }

    /// <summary>Their bytes.</summary>
    internal long Bytes { get; private set; }

    internal long this[int cpu] => cpu + 1 < _records.Length ? _records[cpu + 1] : 0;

    /// <param name="cpu">The CPU whose ring held it, or -1.</param>
    /// <param name="bytes">Of a ring of the kernel those that it took, header and padding included.</param>
    internal void Add(int cpu, uint bytes)
    {
        if (cpu + 1 >= _records.Length)
            Array.Resize(ref _records, cpu + 2);

        _records[cpu + 1]++;
        Records++;
        Bytes += bytes;
    }

    /// <summary>Adds a part of a record that is still to come.</summary>
    internal void AddPiece(uint bytes) => Bytes += bytes;
}
