using System.Text.Json;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Maps;

/// <summary>One array of objects with id, name, kind, bytes or slots, overwrites, rings where it holds some, and pids.</summary>
internal static class JsonMapList
{
    internal static void Write(OutputBuffer output, IReadOnlyList<ListedMap> maps)
    {
        using (Utf8JsonWriter json = new(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (ListedMap map in maps)
            {
                json.WriteStartObject();
                json.WriteNumber("id"u8, map.Id);
                json.WriteString("name"u8, map.Name);
                json.WriteString("kind"u8, MapKinds.WordsFor(map.Kind));
                json.WriteNumber(map.HasSlots ? "slots"u8 : "bytes"u8, map.Size);
                json.WriteBoolean("overwrites"u8, map.Overwrites);
                if (map.Kind == MapKind.ArrayOfRingBuffers)
                    WriteNumbers(json, "rings"u8, map.Rings.Select(id => (long)id));

                WriteNumbers(json, "pids"u8, map.Owners.Select(process => (long)process));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.Append((byte)'\n');
    }

    private static void WriteNumbers(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);

        json.WriteEndArray();
    }
}
