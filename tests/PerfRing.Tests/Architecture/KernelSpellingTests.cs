namespace PerfRing.Tests.Architecture;

public class KernelSpellingTests
{
    [Fact]
    public void The_library_speaks_its_own_words() =>
        Finding.AssertNone(KernelSpelling.Check(SourceTree.Load()), KernelSpelling.Rule);

    [Theory]
    [InlineData("data_head")]
    [InlineData("data_tail")]
    [InlineData("consumer_pos")]
    [InlineData("producer_pos")]
    [InlineData("DataHead")]
    [InlineData("DataTail")]
    [InlineData("_dataHead")]
    public void A_kernel_name_in_Rings_is_found(string name) => Assert.Equal(
        [$"Rings/A.cs:3: {name} in Rings"],
        Found("Rings", $$"""
            class A
            {
                ulong {{name}};
            }
            """));

    [Theory]
    [InlineData("Abi")]
    [InlineData("Interop")]
    [InlineData("Memory")]
    public void A_kernel_name_may_stand_where_the_kernel_is_mirrored(string folder) =>
        Assert.Empty(Found(folder, "class A { ulong DataHead; }"));

    [Fact]
    public void Comments_strings_and_the_words_of_the_library_are_free() => Assert.Empty(Found("Rings", """
        /// <summary>Pairs with data_head, see <see cref="DataTail"/>.</summary>
        class A
        {
            string _text = "consumer_pos"; // producer_pos
            ulong _consumerPosition;
        }
        """));

    private static IEnumerable<string> Found(string folder, string text) =>
        KernelSpelling.Check([new SourceFile(folder, $"{folder}/A.cs", text)]).Select(finding => finding.ToString());
}
