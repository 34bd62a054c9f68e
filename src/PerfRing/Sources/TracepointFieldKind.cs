using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>How the bytes of a tracepoint's field are to be read.</summary>
public enum TracepointFieldKind
{
    /// <summary>Bytes of unknown meaning, such as a structure: read them with <see cref="TracepointField.ReadBytes"/>.</summary>
    Bytes,

    /// <summary>One number of 1, 2, 4 or 8 bytes: also a truth value, an enumeration, or an address in the kernel's or a
    /// program's memory (<c>const char *</c> is the address, not the text).</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "It tells what a C integer of any size is read as, not a .NET type.")]
    Integer,

    /// <summary>Text inside the record that ends at the first NUL or at the field's end, <c>char comm[16]</c>.</summary>
    CharArray,

    /// <summary>Several numbers of the same size inside the record, <c>unsigned long args[6]</c>.</summary>
    IntegerArray,

    /// <summary>Text elsewhere in the record, <c>__data_loc char[]</c>: the field holds where it is and how long.</summary>
    DynamicString,

    /// <summary>Other data elsewhere in the record, <c>__data_loc u64[]</c>.</summary>
    DynamicArray,

    /// <summary>Text elsewhere in the record, <c>__rel_loc char[]</c>: its place counts from the field's end.</summary>
    RelativeDynamicString,

    /// <summary>Other data elsewhere in the record, <c>__rel_loc u64[]</c>, its place counts from the field's end.</summary>
    RelativeDynamicArray,
}
