using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PerfRing.Tests.Native;

/// <summary>A struct of src/PerfRing/Abi and what it mirrors.</summary>
/// <param name="Managed">The struct in C#.</param>
/// <param name="Native">The type in C.</param>
/// <param name="Size">What its size must be: sizeof, or less where only the front is mirrored.</param>
/// <param name="Members">The C member behind each C# field.</param>
internal sealed record MirroredStruct(
    Type Managed, string Native, NativeValue Size, IReadOnlyDictionary<string, string> Members)
{
    internal static MirroredStruct Of<T>(string native, NativeValue size, Dictionary<string, string> members)
        where T : unmanaged => new(typeof(T), native, size, members);

    internal static IEnumerable<FieldInfo> Fields(Type managed) =>
        managed.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    internal static int SizeOf(Type managed) => (int)Call(nameof(MeasureSize), [managed])!;

    /// <summary>Where a field lies and how long it is, seen by writing ones into it and looking which bytes changed.</summary>
    /// <remarks>Marshal.OffsetOf answers for the marshaller's copy of a struct, which this assembly does without.</remarks>
    internal static (int Offset, int Size) Place(FieldInfo field) =>
        ((int, int))Call(nameof(MeasureField), [field.DeclaringType!, field.FieldType], field)!;

    private static object? Call(string method, Type[] types, params object[] arguments) => typeof(MirroredStruct)
        .GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!
        .MakeGenericMethod(types)
        .Invoke(null, arguments);

    private static int MeasureSize<T>()
        where T : unmanaged => Unsafe.SizeOf<T>();

    private static (int Offset, int Size) MeasureField<TStruct, TField>(FieldInfo field)
        where TStruct : unmanaged
        where TField : unmanaged
    {
        TField ones = default;
        MemoryMarshal.AsBytes(new Span<TField>(ref ones)).Fill(0xff);

        object boxed = default(TStruct);
        field.SetValue(boxed, ones);

        TStruct written = (TStruct)boxed;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<TStruct>(in written));
        int offset = bytes.IndexOf((byte)0xff);
        return (offset, bytes.LastIndexOf((byte)0xff) + 1 - offset);
    }
}
