using System.Text;
using System.Text.Json;

namespace PerfRing.Cli.Events;

/// <summary>A field of a tracepoint with its name in the forms that output needs.</summary>
internal sealed class EventField(TracepointField field)
{
    internal TracepointField Field { get; } = field;

    internal byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(field.Name);

    internal JsonEncodedText JsonName { get; } = JsonEncodedText.Encode(field.Name);

    /// <summary>Whether the value is text that ends at the first NUL.</summary>
    internal bool IsText { get; } = field.Kind
        is TracepointFieldKind.CharArray or TracepointFieldKind.DynamicString or TracepointFieldKind.RelativeDynamicString;

    /// <summary>Whether the value is a list of numbers of a size that can be read.</summary>
    internal bool IsList { get; } = field.ElementSize is 1 or 2 or 4 or 8 && field.Kind
        is TracepointFieldKind.IntegerArray or TracepointFieldKind.DynamicArray or TracepointFieldKind.RelativeDynamicArray;

    /// <summary>Whether the number is an address, which people read in hex.</summary>
    internal bool IsAddress { get; } = field.TypeName.EndsWith('*');
}
