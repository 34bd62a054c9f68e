namespace PerfRing;

/// <summary>What a C declaration such as <c>__data_loc char[] name</c> or <c>unsigned long args[6]</c> says about a
/// field.</summary>
internal readonly record struct FieldDeclaration(
    string Name, string TypeName, bool IsArray, int ElementSize, TracepointFieldKind Kind)
{
    private const string DataLocation = "__data_loc";
    private const string RelativeLocation = "__rel_loc";

    /// <param name="declaration">The declaration, without the semicolon.</param>
    /// <param name="size">Bytes of the field, as the kernel gives them beside the declaration.</param>
    /// <exception cref="FormatException">It has no type or no name.</exception>
    internal static FieldDeclaration Parse(string declaration, int size)
    {
        // An array's length follows the name, except that __data_loc keeps its brackets with the type: "char[] name". The
        // kernel prints __rel_loc either way, depending on its version.
        string text = declaration.Trim();
        string dimensions = "";
        int bracket = text.EndsWith(']') ? text.IndexOf('[', StringComparison.Ordinal) : -1;
        if (bracket >= 0)
            (text, dimensions) = (text[..bracket].TrimEnd(), text[bracket..]);

        int nameStart = text.Length;
        while (nameStart > 0 && (char.IsAsciiLetterOrDigit(text[nameStart - 1]) || text[nameStart - 1] == '_'))
            nameStart--;

        string name = text[nameStart..];
        string type = text[..nameStart].TrimEnd();
        if (name.Length == 0 || type.Length == 0)
            throw new FormatException($"'{declaration}' declares no field: expected a type and a name");

        string typeName = type + dimensions;
        bool relative = IsLocation(type, RelativeLocation);
        if (relative || IsLocation(type, DataLocation))
        {
            string location = relative ? RelativeLocation : DataLocation;
            string element = type[location.Length..].Replace("[]", "", StringComparison.Ordinal);
            return new FieldDeclaration(name, typeName, true, CType.SizeOf(element) ?? 1, DynamicKind(relative, element, size));
        }

        if (dimensions.Length == 0)
        {
            var single = size is 1 or 2 or 4 or 8 ? TracepointFieldKind.Integer : TracepointFieldKind.Bytes;
            return new FieldDeclaration(name, typeName, false, size, single);
        }

        int elementSize = ElementSizeOf(type, dimensions, size);
        return new FieldDeclaration(name, typeName, true, elementSize, ArrayKind(type, elementSize));
    }

    private static bool IsLocation(string type, string word) =>
        type.StartsWith(word, StringComparison.Ordinal) && type.Length > word.Length && type[word.Length] == ' ';

    private static TracepointFieldKind DynamicKind(bool relative, string element, int size) =>
        (size, relative, CType.IsChar(element)) switch
        {
            // A location is a word of 4 bytes; a field of another size is something that this library doesn't know yet.
            (not 4, _, _) => TracepointFieldKind.Bytes,
            (_, false, true) => TracepointFieldKind.DynamicString,
            (_, false, false) => TracepointFieldKind.DynamicArray,
            (_, true, true) => TracepointFieldKind.RelativeDynamicString,
            (_, true, false) => TracepointFieldKind.RelativeDynamicArray,
        };

    private static TracepointFieldKind ArrayKind(string element, int elementSize) => elementSize switch
    {
        1 when CType.IsChar(element) => TracepointFieldKind.CharArray,
        1 or 2 or 4 or 8 when !CType.IsStructure(element) => TracepointFieldKind.IntegerArray,
        _ => TracepointFieldKind.Bytes,
    };

    /// <summary>The whole size divided by the length, where the length is a number; else what is known of the type.</summary>
    private static int ElementSizeOf(string type, string dimensions, int size)
    {
        bool counted = int.TryParse(dimensions.AsSpan(1, dimensions.Length - 2), out int count) && count > 0 && size > 0;
        return counted && size % count == 0 ? size / count : CType.SizeOf(type) ?? 1;
    }
}
