using PerfRing.Cli.Maps;

namespace PerfRing.Cli.Read;

/// <summary>Opens a reader for a map that somebody else may be reading, and says what that means for both.</summary>
internal static class MapReading
{
    /// <summary>BPF_MAP_TYPE_PERCPU_ARRAY.</summary>
    private const uint PerCpuArray = 6;

    private const string OwnerIsSilenced = "whoever reads it now gets nothing more";

    /// <exception cref="CommandFailure">The map can't be read as asked.</exception>
    /// <exception cref="PerfRingException">The drop map is not there, or the kernel refused.</exception>
    internal static RingReader Open(BpfMap map, ReadOptions options)
    {
        string name = MapKinds.NameOf(map);
        try
        {
            return MapKinds.Of(map) switch
            {
                MapKind.PerfEventArray => OpenArray(map, name, options),
                MapKind.RingBuffer or MapKind.ArrayOfRingBuffers => OpenRings(map, name, options),
                MapKind.UserRingBuffer => throw CommandFailure.Usage(
                    $"{name} is a user ring buffer: a BPF program reads it, and the one who writes is in user space."),
                _ => throw CommandFailure.Usage(
                    $"{name} is no ring: its type is {map.Type}. 'perfring maps' lists those that can be read."),
            };
        }
        catch (ArgumentException e)
        {
            // Whatever else the library finds wrong lies in the map, or in the drop map.
            throw new CommandFailure(ExitCode.Usage, e.Message, e);
        }
    }

    private static PerfEventReader OpenArray(BpfMap map, string name, ReadOptions options)
    {
        if (!options.TakeOver)
        {
            throw CommandFailure.Usage(
                $"{name} is a perf event array: to read it, its slots have to be filled, and then {OwnerIsSilenced}, also when "
                + $"this command has ended. {ReadCommand.TakeOverName} does it.");
        }

        if (options.Drops is not null)
        {
            throw CommandFailure.Usage(
                $"{ReadCommand.DropsName} is for ring buffers: what a perf event array loses, the kernel counts itself.");
        }

        Wakeup? wakeup = options.Within is { } delay
            ? Wakeup.AfterBytes(PerfEventReaderOptions.DefaultBufferSize / 4).Within(delay)
            : null;
        PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.BpfOutput(map), new PerfEventReaderOptions { Wakeup = wakeup, StartDisabled = true });
        Diagnostics.Say($"taking over {name}, a perf event array: {OwnerIsSilenced}.");
        return reader;
    }

    private static BpfRingReader OpenRings(BpfMap map, string name, ReadOptions options)
    {
        using BpfMap? drops = options.Drops is { } reference
            ? MapFinding.Open(reference, static map => map.Type == PerCpuArray)
            : null;
        Wakeup wakeup = options.TakeOver ? Wakeup.Immediate : Wakeup.Polled;
        BpfRingReader reader = BpfRingReader.Open(map, new BpfRingReaderOptions
        {
            Access = options.TakeOver ? BpfRingAccess.Consume : BpfRingAccess.Follow,
            Wakeup = options.Within is { } delay ? wakeup.Within(delay) : wakeup,
            Drops = drops,
            DropsIndex = options.DropsIndex,
        });
        string kind = map.Type == (uint)MapKind.RingBuffer ? "a ring buffer" : "an array of ring buffers";
        Diagnostics.Say(options.TakeOver
            ? $"consuming {name}, {kind}: {OwnerIsSilenced}."
            : $"following {name}, {kind}, without consuming: what is overwritten before it is seen is missing.");
        return reader;
    }
}
