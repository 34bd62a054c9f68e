namespace PerfRing;

/// <summary>One field of a tracepoint's records: what it is called, and where and how it lies in the payload.</summary>
/// <remarks>
/// Made by <see cref="TracepointFormat"/> from the kernel's own description. Immutable: any thread may use it at any time.
/// The methods that read are in two forms: <c>Try…</c> tells whether the payload has the value, the other gives zero or
/// nothing where it doesn't.
/// </remarks>
public sealed partial class TracepointField
{
    internal TracepointField(string declaration, int offset, int size, bool isSigned)
    {
        var parsed = FieldDeclaration.Parse(declaration, size);
        Name = parsed.Name;
        TypeName = parsed.TypeName;
        IsArray = parsed.IsArray;
        ElementSize = parsed.ElementSize;
        Kind = parsed.Kind;
        Offset = offset;
        Size = size;
        IsSigned = isSigned;
    }

    /// <summary>The field's name, such as <c>prev_comm</c>.</summary>
    public string Name { get; }

    /// <summary>The C type as the kernel names it, arrays with their length behind it: <c>char[16]</c>,
    /// <c>__data_loc char[]</c>.</summary>
    public string TypeName { get; }

    /// <summary>Bytes from the payload's start to the field.</summary>
    public int Offset { get; }

    /// <summary>Bytes of the field. 4 for dynamic kinds, whose data lies elsewhere; 0 for an array that runs to the payload's
    /// end, <c>char buf[]</c>, and then may have the record's padding at its end.</summary>
    public int Size { get; }

    /// <summary>Whether its numbers have a sign, as the kernel says (system calls' arguments don't, whatever their
    /// type).</summary>
    public bool IsSigned { get; }

    /// <summary>Whether it holds several elements, in the record's fixed part or elsewhere in it.</summary>
    public bool IsArray { get; }

    /// <summary>Bytes of one element; of the whole field when it is no array; 1 for elements of a type with unknown
    /// size.</summary>
    public int ElementSize { get; }

    /// <summary>How its bytes are to be read.</summary>
    public TracepointFieldKind Kind { get; }

    /// <summary>Whether every tracepoint has the field in front of its own, such as <c>common_pid</c>.</summary>
    public bool IsCommon => Name.StartsWith("common_", StringComparison.Ordinal);

    private bool IsRelative => Kind is TracepointFieldKind.RelativeDynamicString or TracepointFieldKind.RelativeDynamicArray;

    private bool IsDynamic => IsRelative || Kind is TracepointFieldKind.DynamicString or TracepointFieldKind.DynamicArray;

    /// <summary>The field as it is declared, type first.</summary>
    public override string ToString() => $"{TypeName} {Name}";
}
