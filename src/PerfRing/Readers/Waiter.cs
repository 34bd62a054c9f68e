using PerfRing.Interop;

namespace PerfRing;

/// <summary>Sleeps until a ring has something, somebody wakes it, or time is over.</summary>
/// <remarks>One thread waits; any thread wakes. The order of a wait is: <see cref="Prepare"/>, look at all rings,
/// <see cref="Wait"/>, and from the start again; <see cref="StandDown"/> at the end.</remarks>
internal abstract class Waiter : IDisposable
{
    /// <summary>What can still announce something: descriptors of rings in the set.</summary>
    internal virtual int Watching => 0;

    /// <summary>A descriptor that is ready when a wait would end at once; null where there is none.</summary>
    internal virtual Descriptor? Announcer => null;

    /// <summary>Waits that were ended by a ring, since the start.</summary>
    internal long Wakeups { get; private protected set; }

    /// <summary>Announces that a sleep may follow, and orders the look after this against what was published before.</summary>
    internal abstract void Prepare();

    /// <summary>Sleeps.</summary>
    /// <param name="nanoseconds">The longest sleep; <see cref="Deadline.None"/> for no bound.</param>
    internal abstract void Wait(long nanoseconds);

    /// <summary>Makes whoever moves records towards the rings do so now.</summary>
    internal virtual void Hurry()
    {
    }

    /// <summary>Takes back what <see cref="Prepare"/> announced.</summary>
    internal virtual void StandDown()
    {
    }

    /// <summary>Ends the current wait, or the next. From any thread, at any time, also after Dispose.</summary>
    internal abstract void Wake();

    /// <inheritdoc/>
    public abstract void Dispose();
}
