namespace PerfRing;

/// <summary>A <see cref="ConsumerThread"/> with its handlers, one for each lane: a type for each type of handler, so that the calls
/// are inlined.</summary>
internal sealed class HandlerThread<THandler> : ConsumerThread
    where THandler : struct, IRecordHandler
{
    private readonly THandler[] _handlers;
    private readonly DelayProbe[] _probes;

    internal HandlerThread(
        ConsumerPlan plan, RingLane[] lanes, Waiter waiter, THandler[] handlers, PerCoreConsumerOptions options,
        UnpinnedDispatcher dispatcher, Action<ConsumerThread> ended)
        : base(plan, lanes, waiter, options, dispatcher, ended)
    {
        _handlers = handlers;
        _probes = [.. lanes.Select(lane => lane.ProbeDelays(options.StampOffset))];
    }

    private protected override DrainResult Drain(int index, RingLane lane, in ReadBudget budget, out bool isCut)
    {
        ref DelayProbe probe = ref _probes[index];
        DrainResult result = lane.DrainMeasured(ref _handlers[index], budget, ref probe, out isCut);
        if (result.Status == ReadStatus.Records && probe.Delay is { } delay)
            Counts.Delays.Count(delay);

        return result;
    }
}
