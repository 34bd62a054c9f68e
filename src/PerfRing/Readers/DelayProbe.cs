using System.Buffers.Binary;
using System.Diagnostics;

namespace PerfRing;

/// <summary>Measures how long a record has waited for its handler, where the record tells when it was produced.</summary>
internal struct DelayProbe
{
    private readonly int? _payloadOffset;
    private readonly bool _hasTime;

    /// <param name="origin">What the records have in common.</param>
    /// <param name="isMonotonic">Whether their times are of CLOCK_MONOTONIC, which is ours.</param>
    /// <param name="payloadOffset">Where in the payload such a time is, for records that have none of their own; null for
    /// nowhere.</param>
    internal DelayProbe(RecordOrigin origin, bool isMonotonic, int? payloadOffset)
    {
        _hasTime = isMonotonic && origin.Layout.Fields.HasFlag(SampleFields.Time);
        _payloadOffset = origin.Framing == RecordFraming.Length ? payloadOffset : null;
    }

    /// <summary>How long, in nanoseconds; null if the record did not tell. Below zero by as much as the clocks of two CPUs
    /// differ.</summary>
    internal long? Delay { get; private set; }

    /// <summary>Measures a record that is about to be handled.</summary>
    internal void Measure(scoped in Record record)
    {
        Delay = null;
        if (_hasTime)
        {
            // None in a gap, and in a record that is too short to have one.
            if (record.Time is not 0 and ulong time)
                Delay = Stopwatch.GetTimestamp() - (long)time;
        }
        else if (_payloadOffset is { } offset && offset <= record.Payload.Length - sizeof(long))
            Delay = Stopwatch.GetTimestamp() - BinaryPrimitives.ReadInt64LittleEndian(record.Payload[offset..]);
    }
}
