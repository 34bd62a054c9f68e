namespace PerfRing.Tests.Native;

/// <summary>Something that the compiler knows: an integer constant expression, or any that needs no variable.</summary>
/// <param name="Expression">The expression in C.</param>
/// <param name="Since">The version of the kernel's headers that brought it, as the arguments of KERNEL_VERSION; older
/// headers are not asked.</param>
internal sealed record NativeValue(string Expression, string? Since = null)
{
    public static implicit operator NativeValue(string expression) => new(expression);

    internal static NativeValue OffsetOf(string type, string member) => $"offsetof({type}, {member})";

    internal static NativeValue SizeOf(string type, string member) => $"sizeof((({type} *)0)->{member})";

    /// <summary>Where a structure ends that goes no further than a member.</summary>
    internal static NativeValue EndOf(string type, string member) =>
        $"{OffsetOf(type, member).Expression} + {SizeOf(type, member).Expression}";

    /// <summary>The word after read_format with one bit of it set: a bit field has no address to ask for.</summary>
    internal static NativeValue AttrFlag(string member) =>
        "({ struct perf_event_attr attr; uint64_t word; memset(&attr, 0, sizeof(attr)); "
        + $"attr.{member} = 1; memcpy(&word, (char *)&attr + {EndOf("struct perf_event_attr", "read_format").Expression}, 8); "
        + "word; })";
}
