using PerfRing.Memory;

namespace PerfRing;

/// <summary>Waits for several readers: an epoll set of their epoll sets.</summary>
/// <remarks>Rings that announce nothing to an epoll set, shared ones, are found by the longest delay of their reader.</remarks>
internal sealed class MergeWaiter : Waiter
{
    private readonly EpollWaiter _outer = new();
    private readonly MergeInput[] _inputs;

    internal MergeWaiter(MergeInput[] inputs)
    {
        _inputs = inputs;
        try
        {
            foreach (MergeInput input in inputs)
            {
                if (input.Reader.Announcer is { } announcer)
                    _outer.Watch(announcer);
            }
        }
        catch
        {
            _outer.Dispose();
            throw;
        }
    }

    internal override void Prepare()
    {
        // An inner set goes on saying what its rings said, until it is asked itself. That consumes it: the look that follows
        // finds what was announced.
        foreach (MergeInput input in _inputs)
        {
            if (input.IsHeld)
                input.Reader.Harvest();
        }

        RingCursor.FenceBeforeLook();
    }

    internal override void Wait(long nanoseconds) => _outer.Wait(nanoseconds);

    internal override void Wake() => _outer.Wake();

    public override void Dispose() => _outer.Dispose();
}
