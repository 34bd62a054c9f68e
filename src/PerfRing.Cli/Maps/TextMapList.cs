using System.Globalization;
using System.Text;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Maps;

/// <summary>A header and a line for each map, in columns.</summary>
internal static class TextMapList
{
    private static readonly string[] Header = ["id", "name", "kind", "size", "flags", "pids"];

    internal static void Write(OutputBuffer output, IReadOnlyList<ListedMap> maps)
    {
        string[][] rows = [Header, .. maps.Select(Row)];
        int[] widths = [.. Header.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            StringBuilder line = new();
            for (int column = 0; column < row.Length; column++)
                line.Append(row[column].PadRight(widths[column] + 2));

            output.Append(Encoding.UTF8.GetBytes(line.ToString().TrimEnd()));
            output.Append((byte)'\n');
        }
    }

    private static string[] Row(ListedMap map) =>
    [
        map.Id.ToString(CultureInfo.InvariantCulture),
        map.Name.Length == 0 ? "-" : map.Name,
        MapKinds.WordsFor(map.Kind),
        map.HasSlots ? $"{map.Size} slots" : $"{map.Size} bytes",
        FlagsOf(map),
        map.Owners.Count == 0 ? "-" : string.Join(",", map.Owners),
    ];

    private static string FlagsOf(ListedMap map) =>
        map.Overwrites ? "overwrites" : map.Rings.Count > 0 ? $"rings {string.Join(",", map.Rings)}" : "-";
}
