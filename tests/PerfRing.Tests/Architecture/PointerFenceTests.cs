namespace PerfRing.Tests.Architecture;

public class PointerFenceTests
{
    [Fact]
    public void The_library_keeps_pointers_behind_the_fence() =>
        Finding.AssertNone(PointerFence.Check(SourceTree.Load()), PointerFence.Rule);

    [Fact]
    public void A_pointer_type_in_Readers_is_found() => Assert.Equal(
        ["Readers/A.cs:3: unsafe in Readers", "Readers/A.cs:3: pointer type byte* in Readers"],
        Found("Readers", """
            class A
            {
                unsafe byte* _start;
            }
            """));

    [Fact]
    public void A_function_pointer_in_Pipes_is_found() => Assert.Equal(
        ["Pipes/A.cs:1: unsafe in Pipes", "Pipes/A.cs:3: pointer type delegate*<int, void> in Pipes"],
        Found("Pipes", """
            unsafe class A
            {
                delegate*<int, void> _call;
            }
            """));

    [Fact]
    public void An_unsafe_block_that_hides_its_pointer_behind_var_is_found() => Assert.Equal(
        ["Sources/A.cs:5: unsafe in Sources"],
        Found("Sources", """
            class A
            {
                void M()
                {
                    unsafe { var bytes = stackalloc byte[8]; }
                }
            }
            """));

    [Fact]
    public void Abi_may_be_unsafe_for_fixed_buffers_only()
    {
        Assert.Empty(Found("Abi", "unsafe struct A { internal fixed byte Name[16]; }"));
        Assert.Equal(
            ["Abi/A.cs:1: pointer type byte* in Abi"], Found("Abi", "unsafe struct A { internal byte* Name; }"));
        Assert.Equal(
            ["Abi/A.cs:1: unsafe in Abi"], Found("Abi", "struct A { unsafe void M() { } }"));
    }

    [Fact]
    public void Interop_needs_no_argument() =>
        Assert.Empty(Found("Interop", "unsafe class A { void* _address; }"));

    [Theory]
    [InlineData("Memory")]
    [InlineData("Records")]
    [InlineData("Rings")]
    public void An_unsafe_method_without_an_argument_is_found(string folder) => Assert.Equal(
        [$"{folder}/A.cs:6: unsafe without SAFETY:"],
        Found(folder, """
            class A
            {
                // SAFETY: the start lies in the mapping.
                unsafe byte First(byte* start) => *start;

                unsafe byte Second(byte* start) => start[1];
            }
            """));

    [Fact]
    public void An_unsafe_block_without_an_argument_is_found() => Assert.Equal(
        ["Rings/A.cs:9: unsafe without SAFETY:"],
        Found("Rings", """
            class A
            {
                void M()
                {
                    // SAFETY: nothing is touched.
                    unsafe
                    {
                    }
                    unsafe
                    {
                    }
                }
            }
            """));

    [Fact]
    public void A_word_about_safety_in_a_string_is_no_argument() => Assert.Equal(
        ["Memory/A.cs:1: unsafe without SAFETY:"],
        Found("Memory", "class A { unsafe string M() => \"SAFETY: none\"; }"));

    [Fact]
    public void An_argument_inside_the_method_is_enough() => Assert.Empty(Found("Memory", """
        class A
        {
            unsafe byte First(byte* start)
            {
                // SAFETY: callers pass the start of a mapping.
                return *start;
            }
        }
        """));

    [Fact]
    public void An_argument_above_the_type_speaks_for_its_members() => Assert.Empty(Found("Memory", """
        // SAFETY: every pointer here comes from one live mapping.
        class A
        {
            unsafe byte First(byte* start) => *start;
        }
        """));

    [Fact]
    public void An_argument_at_a_field_speaks_for_the_type() => Assert.Empty(Found("Memory", """
        class A
        {
            // SAFETY: valid until Dispose, which waits for the last lease.
            private unsafe byte* _start;

            unsafe byte First() => *_start;
        }
        """));

    [Fact]
    public void An_argument_of_an_outer_type_does_not_speak_for_a_nested_one() => Assert.Equal(
        ["Memory/A.cs:6: unsafe without SAFETY:"],
        Found("Memory", """
            // SAFETY: this one is fine.
            class A
            {
                class B
                {
                    unsafe byte First(byte* start) => *start;
                }
            }
            """));

    private static IEnumerable<string> Found(string folder, string text) =>
        PointerFence.Check([new SourceFile(folder, $"{folder}/A.cs", text)]).Select(finding => finding.ToString());
}
