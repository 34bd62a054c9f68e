namespace PerfRing;

/// <summary>Learns how long it usually takes until something comes, to spin only where that is worth it.</summary>
/// <remarks>A mean that forgets: each gap moves it by an eighth. All times in nanoseconds.</remarks>
internal struct ArrivalGaps(long budget)
{
    /// <summary>After so many idle times without a spin one is spun through, whatever was learned: a consumer that sleeps learns of
    /// arrivals only when it is woken, and a threshold or a timer makes gaps look longer than they are.</summary>
    private const int SleepsUntilTrial = 64;

    private long _usual;
    private int _sleeps;

    /// <summary>How long the next spin may last; 0 for none.</summary>
    internal long NextSpin()
    {
        if (_usual <= budget)
            return Math.Min(budget, Math.Max(2 * _usual, budget / 8));

        if (++_sleeps < SleepsUntilTrial)
            return 0;

        _sleeps = 0;
        return budget;
    }

    /// <summary>Something came after so long.</summary>
    internal void Learn(long gap)
    {
        // One long silence says little of what comes after it: it counts as no more than some budgets.
        long counted = Math.Min(gap, 8 * budget);
        _usual += (counted - _usual) / 8;
        if (gap <= budget)
            _sleeps = 0;
    }
}
