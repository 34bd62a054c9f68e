namespace PerfRing;

/// <summary>The kinds of <see cref="WaitPolicy"/>.</summary>
public enum WaitPolicyKind
{
    /// <summary>Sleeps at once.</summary>
    Block,

    /// <summary>Looks for a while, then sleeps.</summary>
    SpinThenBlock,

    /// <summary>Never sleeps.</summary>
    BusySpin,

    /// <summary>Sleeps until the next look is due.</summary>
    Timer,
}
