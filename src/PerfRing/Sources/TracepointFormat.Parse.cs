using System.Globalization;

namespace PerfRing;

public sealed partial class TracepointFormat
{
    /// <summary>Reads a description's text, as a <c>format</c> file of tracefs has it.</summary>
    /// <param name="text">The text: lines <c>name:</c>, <c>ID:</c> and <c>format:</c>, then one line a field.</param>
    /// <param name="subsystem">The subsystem, which the text doesn't tell.</param>
    /// <exception cref="FormatException">The text is no such description; the message says what is wrong in which
    /// line.</exception>
    public static TracepointFormat Parse(ReadOnlySpan<char> text, string subsystem = "")
    {
        ArgumentNullException.ThrowIfNull(subsystem);
        string? name = null;
        int? id = null;
        var fields = new List<TracepointField>();
        int number = 0;
        foreach (ReadOnlySpan<char> rawLine in text.EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = rawLine.Trim();

            // What follows is for printing, in C expressions, and may hold anything.
            if (line.StartsWith("print fmt:"))
                break;

            // Lines of other kinds are left to later kernels.
            if (line.StartsWith("name:"))
                name = line["name:".Length..].Trim().ToString();
            else if (line.StartsWith("ID:"))
                id = ParseNumber(line["ID:".Length..], number, "the id");
            else if (line.StartsWith("field:"))
                fields.Add(ParseField(line, number));
        }

        if (string.IsNullOrEmpty(name))
            throw new FormatException("Not a tracepoint's format: it has no line 'name:'.");

        if (id is null)
            throw new FormatException("Not a tracepoint's format: it has no line 'ID:'.");

        return new TracepointFormat(subsystem, name, id.Value, [.. fields]);
    }

    // field:char prev_comm[16]; offset:8; size:16; signed:0;
    private static TracepointField ParseField(ReadOnlySpan<char> line, int number)
    {
        string? declaration = null;
        int? offset = null, size = null, signed = null;
        foreach (Range range in line.Split(';'))
        {
            ReadOnlySpan<char> part = line[range].Trim();
            int colon = part.IndexOf(':');
            if (colon < 0)
                continue;

            ReadOnlySpan<char> value = part[(colon + 1)..];
            switch (part[..colon])
            {
                case "field":
                    declaration = value.ToString();
                    break;
                case "offset":
                    offset = ParseNumber(value, number, "the offset");
                    break;
                case "size":
                    size = ParseNumber(value, number, "the size");
                    break;
                case "signed":
                    signed = ParseNumber(value, number, "the sign");
                    break;
            }
        }

        if (declaration is null || offset is null || size is null || signed is null)
            throw Malformed(number, "a field needs 'field:', 'offset:', 'size:' and 'signed:', each up to a semicolon");

        try
        {
            return new TracepointField(declaration, offset.Value, size.Value, signed != 0);
        }
        catch (FormatException e)
        {
            throw Malformed(number, e.Message);
        }
    }

    private static int ParseNumber(ReadOnlySpan<char> text, int line, string what) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw Malformed(line, $"{what} '{text.Trim()}' is no number from 0 to {int.MaxValue}");

    private static FormatException Malformed(int line, string problem) =>
        new($"Not a tracepoint's format: line {line}: {problem}.");
}
