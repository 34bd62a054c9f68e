namespace PerfRing.Tests;

/// <summary>Counts what it is handed, and stops or throws where it is told to.</summary>
internal struct Counting : IRecordHandler
{
    internal long Records { get; private set; }

    /// <summary>The count at which it says stop; 0 for never.</summary>
    internal long StopAt { get; init; }

    /// <summary>The count at which it throws; 0 for never.</summary>
    internal long ThrowAt { get; init; }

    public bool Handle(Record record)
    {
        Records++;
        return Records == ThrowAt ? throw new HandlerException() : Records != StopAt;
    }
}
