namespace PerfRing.Tests.Consumers;

/// <summary>What a generated script does next.</summary>
internal enum MergeAction
{
    Write,

    /// <summary>Writes what can't be a record, which a perf ring shows as a gap.</summary>
    Damage,

    /// <summary>Lets time pass.</summary>
    Pass,

    Read,
    Flush,
}

/// <param name="Action">What it does.</param>
/// <param name="Ring">Into which ring it writes.</param>
/// <param name="Amount">Write: by how many nanoseconds the stamp is older than the clock. Pass: how many pass. Read: the most records
/// to ask for, 0 for no bound.</param>
/// <param name="Size">Write: bytes of payload. Read: how many records are visited, at the most.</param>
internal readonly record struct MergeStep(MergeAction Action, int Ring, long Amount, int Size);
