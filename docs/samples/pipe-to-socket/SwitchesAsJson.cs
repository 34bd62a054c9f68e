using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace PerfRing.Samples;

/// <summary>Writes the records of sched:sched_switch as JSON, an object a line.</summary>
internal sealed class SwitchesAsJson(PerfEventReader reader)
{
    private readonly TracepointField _from = Field(reader, "prev_comm");
    private readonly TracepointField _to = Field(reader, "next_comm");
    private readonly TracepointField _toId = Field(reader, "next_pid");

    /// <summary>Writes until the reader is flushed or disposed, or nobody reads the output any more.</summary>
    /// <returns>How many switches were written.</returns>
    public async Task<long> WriteAsync(PipeWriter output, CancellationToken cancellationToken = default)
    {
        PipeReader pipe = reader.AsPipeReader();
        using Utf8JsonWriter json = new(output);
        long written = 0;
        while (true)
        {
            ReadResult result = await pipe.ReadAsync(cancellationToken);
            (SequencePosition consumed, int count) = WriteRecords(result.Buffer, output, json);
            written += count;

            // Before the flush, which may wait long for a slow peer: the ring has its memory back meanwhile.
            pipe.AdvanceTo(consumed, result.Buffer.End);
            FlushResult flushed = await output.FlushAsync(cancellationToken);
            if (result.IsCanceled || result.IsCompleted || flushed.IsCompleted)
                return written;
        }
    }

    private (SequencePosition Consumed, int Count) WriteRecords(
        in ReadOnlySequence<byte> bytes, PipeWriter output, Utf8JsonWriter json)
    {
        int count = 0;
        RecordSequenceReader records = reader.RecordsIn(bytes);
        while (records.TryRead(out Record record))
        {
            if (record.Kind != RecordKind.Sample)
                continue;

            json.Reset();
            json.WriteStartObject();
            json.WriteNumber("cpu", record.Cpu);
            json.WriteNumber("time", record.Time);
            // The same few tasks again and again: no string is made for a name that was read before.
            json.WriteString("from", _from.ReadPooledString(record.Payload));
            json.WriteString("to", _to.ReadPooledString(record.Payload));
            json.WriteNumber("toId", _toId.ReadInt64(record.Payload));
            json.WriteEndObject();
            json.Flush();
            output.Write("\n"u8);
            count++;
        }

        return (records.Position, count);
    }

    private static TracepointField Field(PerfEventReader reader, string name) =>
        reader.Sources[0].Format?.FindField(name)
            ?? throw new ArgumentException($"The events have no field {name}.", nameof(reader));
}
