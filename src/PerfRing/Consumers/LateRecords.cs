namespace PerfRing;

/// <summary>What becomes of a record that arrives when a later one was delivered already.</summary>
public enum LateRecords
{
    /// <summary>It is delivered with the next batch, in front, and marked: <see cref="MergedRecord.IsLate"/>.</summary>
    DeliverMarked = 0,

    /// <summary>It is not delivered, and counted in <see cref="MergedReader.LateLost"/>. Records other than
    /// samples are delivered marked all the same: a notice of losses that is lost would hide what else was.</summary>
    CountAsLost = 1,
}
