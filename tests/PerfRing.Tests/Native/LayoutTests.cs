using System.Globalization;
using System.Reflection;
using PerfRing.Abi;

namespace PerfRing.Tests.Native;

/// <summary>Holds src/PerfRing/Abi against the headers of this machine, as its C compiler reads them.</summary>
public class LayoutTests
{
    private static readonly IReadOnlyList<Type> Abi =
    [
        .. typeof(PerfEventAttr).Assembly.GetTypes().Where(type => type is { Namespace: "PerfRing.Abi", IsNested: false }),
    ];

    [Fact]
    public void Every_struct_of_Abi_has_its_C_type_in_the_table() => Assert.Empty(
        Abi.Where(type => type is { IsValueType: true, IsEnum: false })
            .Except(AbiTable.Structs.Select(mirrored => mirrored.Managed)));

    [Fact]
    public void Every_field_of_Abi_has_its_C_member_in_the_table() => Assert.Empty(
        from mirrored in AbiTable.Structs
        from field in MirroredStruct.Fields(mirrored.Managed)
        where !mirrored.Members.ContainsKey(field.Name)
        select $"{mirrored.Managed.Name}.{field.Name}");

    [Fact]
    public void Every_constant_of_Abi_has_its_C_name_in_the_table() => Assert.Empty(
        from type in Abi
        from constant in NumericConstants(type)
        where !(AbiTable.Constants.TryGetValue(type, out var names) && names.ContainsKey(constant.Name))
        select $"{type.Name}.{constant.Name}");

    [Fact]
    public async Task Every_struct_is_as_long_as_the_compiler_says() => await AssertSame(
        from mirrored in AbiTable.Structs
        select (mirrored.Managed.Name, mirrored.Size, (long)MirroredStruct.SizeOf(mirrored.Managed)));

    [Fact]
    public async Task Every_field_lies_where_the_compiler_puts_it() => await AssertSame(
        from mirrored in AbiTable.Structs
        from field in MirroredStruct.Fields(mirrored.Managed)
        where mirrored.Members.ContainsKey(field.Name)
        select (
            $"{mirrored.Managed.Name}.{field.Name}",
            Offset(mirrored, field),
            (long)MirroredStruct.Place(field).Offset));

    [Fact]
    public async Task Every_field_is_as_long_as_its_C_member() => await AssertSame(
        from mirrored in AbiTable.Structs
        from field in MirroredStruct.Fields(mirrored.Managed)
        where mirrored.Members.ContainsKey(field.Name)
        select (
            $"{mirrored.Managed.Name}.{field.Name}",
            Size(mirrored, field),
            (long)MirroredStruct.Place(field).Size));

    [Fact]
    public async Task Every_constant_has_the_value_of_its_C_name() => await AssertSame(
        from type in AbiTable.Constants
        from constant in NumericConstants(type.Key)
        where type.Value.ContainsKey(constant.Name)
        select ($"{type.Key.Name}.{constant.Name}", type.Value[constant.Name], Value(constant)));

    [Fact]
    public async Task A_wrong_offset_is_told_with_both_values()
    {
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => AssertSame(
            [("Header.Misc", NativeValue.OffsetOf("struct perf_event_header", "misc"), 5L)]));

        Assert.Contains("Header.Misc: 5 in C#, 4 in C", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_is_found_by_the_bytes_that_it_changes()
    {
        FieldInfo misc = MirroredStruct.Fields(typeof(PerfEventHeader))
            .Single(field => field.Name == nameof(PerfEventHeader.Misc));

        Assert.Equal((4, 2), MirroredStruct.Place(misc));
    }

    /// <summary>The constants of a class, a struct or an enumeration; texts have no counterpart in a header.</summary>
    internal static IEnumerable<FieldInfo> NumericConstants(Type type) => type
        .GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(field => field.IsLiteral && field.FieldType != typeof(string));

    private static NativeValue Offset(MirroredStruct mirrored, FieldInfo field) =>
        mirrored.Members[field.Name] is var member && member == AbiTable.BitField
            ? NativeValue.EndOf(mirrored.Native, "read_format")
            : NativeValue.OffsetOf(mirrored.Native, member);

    private static NativeValue Size(MirroredStruct mirrored, FieldInfo field) =>
        mirrored.Members[field.Name] is var member && member == AbiTable.BitField
            ? "sizeof(uint64_t)"
            : NativeValue.SizeOf(mirrored.Native, member);

    private static long Value(FieldInfo constant)
    {
        object value = constant.GetRawConstantValue()!;
        return value is ulong bits ? unchecked((long)bits) : Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }

    private static async Task AssertSame(IEnumerable<(string Name, NativeValue Native, long Managed)> comparisons)
    {
        Dictionary<string, (NativeValue Native, long Managed)> asked =
            comparisons.ToDictionary(one => one.Name, one => (one.Native, one.Managed));
        IReadOnlyDictionary<string, long> answers =
            await NativeHeaders.Evaluate(asked.ToDictionary(one => one.Key, one => one.Value.Native));

        Assert.NotEmpty(answers);
        string[] differences =
        [
            .. from answer in answers
               let managed = asked[answer.Key].Managed
               where managed != answer.Value
               select $"{answer.Key}: {managed} in C#, {answer.Value} in C",
        ];
        Assert.True(differences.Length == 0, string.Join('\n', differences));
    }
}
