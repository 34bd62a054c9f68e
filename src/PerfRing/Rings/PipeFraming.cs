namespace PerfRing;

/// <summary>What the bytes of a pipe over rings are.</summary>
public enum PipeFraming
{
    /// <summary>Whole records with their headers, which <see cref="RecordSequenceReader"/> walks. The fast way: a segment is as
    /// long as the ring allows.</summary>
    Records,

    /// <summary>What the producers wrote, and nothing else, one payload behind the other: for streams that have a framing of their
    /// own. Each payload is a segment, so this is slower. Loss notices and gaps leave no trace in the bytes; the ledger has them.
    /// A payload of a perf ring is padded by 0 to 7 bytes.</summary>
    Payloads,
}
