namespace PerfRing.KernelTests.Drops;

/// <summary>What wrappers.bpf.c does at a run; its enum has the same order.</summary>
internal enum WriteAction : ulong
{
    /// <summary>A record of 16 bytes in the map <c>first</c>.</summary>
    Submit,

    /// <summary>The same, taken back.</summary>
    Discard,

    /// <summary>A record of 16 bytes in the map <c>second</c>, copied.</summary>
    Output,

    /// <summary>A record of 16 bytes in the perf event array <c>perf</c>.</summary>
    PerfOutput,

    /// <summary>As <see cref="Submit"/>, waking once ten records are unread.</summary>
    SubmitAtMark,
}
