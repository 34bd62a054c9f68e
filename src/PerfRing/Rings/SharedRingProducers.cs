namespace PerfRing;

/// <summary>How many writers a shared ring may have at a time.</summary>
public enum SharedRingProducers
{
    /// <summary>One: nothing has to be claimed, and a record is seen only when it is complete. The fastest.</summary>
    One,

    /// <summary>Up to 64, of any processes and threads.</summary>
    Many,
}
