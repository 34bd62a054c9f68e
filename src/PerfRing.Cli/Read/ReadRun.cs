using PerfRing.Cli.Maps;
using PerfRing.Cli.Output;
using PerfRing.Cli.Reading;

namespace PerfRing.Cli.Read;

/// <summary>One run of <c>perfring read</c>.</summary>
internal static class ReadRun
{
    /// <exception cref="CommandFailure">The map can't be read as asked, or stdout can't be written to.</exception>
    /// <exception cref="PerfRingException">A map is not there, or the kernel refused.</exception>
    internal static ExitCode Start(ReadOptions options)
    {
        using BpfMap map = MapFinding.Open(options.Map, static map => MapKinds.Of(map) is not null);
        using RingReader reader = MapReading.Open(map, options);
        OutputBuffer output = new();
        return ReadingRun.Run(reader, WriterFor(options.Format, output, map), output, options.Limits);
    }

    private static RecordWriter WriterFor(PayloadFormat format, OutputBuffer output, BpfMap map)
    {
        // Only the records of perf events say when they were written, and by whom.
        bool stamped = map.Type == (uint)MapKind.PerfEventArray;
        string name = map.Name.Length == 0 ? $"map-{map.Id}" : map.Name;
        return format switch
        {
            PayloadFormat.Json => new JsonPayloadWriter(output, name, stamped),
            PayloadFormat.Raw => new RawPayloadWriter(output),
            _ when stamped => RecordWriter.ForPayloads(output, name),
            _ => new HexPayloadWriter(output, name),
        };
    }
}
