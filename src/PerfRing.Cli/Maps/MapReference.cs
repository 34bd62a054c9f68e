using System.Globalization;
using System.Text;

namespace PerfRing.Cli.Maps;

/// <summary>A map as it is typed: a path where it is pinned, <c>id:N</c> or <c>name:NAME</c>.</summary>
internal abstract record MapReference
{
    internal const string Form = "PATH|id:N|name:NAME";

    private const string IdMark = "id:";
    private const string NameMark = "name:";

    /// <summary>What the kernel keeps of a name.</summary>
    private const int LongestName = 15;

    private MapReference()
    {
    }

    /// <summary>A map that is pinned in a BPF file system.</summary>
    internal sealed record Pinned(string Path) : MapReference;

    /// <summary>A map by the kernel's id.</summary>
    internal sealed record ById(uint Id) : MapReference;

    /// <summary>A map by its name, cut to what the kernel keeps of it.</summary>
    internal sealed record ByName(string Name) : MapReference;

    /// <exception cref="FormatException">The text names no map.</exception>
    internal static MapReference Parse(string text)
    {
        if (text.StartsWith(IdMark, StringComparison.Ordinal))
        {
            return uint.TryParse(text.AsSpan(IdMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint id)
                ? new ById(id)
                : throw new FormatException($"'{text}' is no id of a map: {IdMark} and a number, as 'perfring maps' lists them");
        }

        if (!text.StartsWith(NameMark, StringComparison.Ordinal))
            return text.Length > 0 ? new Pinned(text) : throw new FormatException($"a map is {Form}");

        string name = text[NameMark.Length..];
        if (name.Length == 0)
            throw new FormatException($"'{text}' names no map: one without a name is found by its id");

        // In bytes; names are of letters, digits, dots and underscores, so a cut inside of a letter matches nothing anyway.
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        return new ByName(bytes.Length <= LongestName ? name : Encoding.UTF8.GetString(bytes, 0, LongestName));
    }
}
