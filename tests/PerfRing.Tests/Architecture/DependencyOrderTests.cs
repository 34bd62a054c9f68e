namespace PerfRing.Tests.Architecture;

public class DependencyOrderTests
{
    [Fact]
    public void The_library_depends_one_way_only() =>
        Finding.AssertNone(DependencyOrder.Check(SourceTree.Load()), DependencyOrder.Rule);

    [Fact]
    public void A_type_of_a_later_folder_is_found()
    {
        SourceFile upper = new("Rings", "Rings/Upper.cs", "namespace PerfRing.Rings; class Upper;");
        SourceFile lower = new("Memory", "Memory/Lower.cs", """
            namespace PerfRing.Memory;
            class Lower
            {
                private Rings.Upper? _upper;
            }
            """);

        Assert.Equal(["Memory/Lower.cs:4: PerfRing.Rings.Upper: Memory -> Rings"], Found(upper, lower));
    }

    [Fact]
    public void A_member_of_a_later_folder_is_found()
    {
        SourceFile upper = new("Readers", "Readers/Upper.cs", """
            namespace PerfRing;
            static class Upper
            {
                internal static int Twice(this int value) => value * 2;
            }
            """);
        SourceFile lower = new("Cpus", "Cpus/Lower.cs", """
            namespace PerfRing;
            class Lower
            {
                internal int Value => 1.Twice();
            }
            """);

        Assert.Equal(["Cpus/Lower.cs:4: int.Twice(): Cpus -> Readers"], Found(upper, lower));
    }

    [Fact]
    public void Diagnostics_used_below_Readers_is_found()
    {
        SourceFile ledger = new("Diagnostics", "Diagnostics/Ledger.cs", "namespace PerfRing; class Ledger;");
        SourceFile source = new("Sources", "Sources/Source.cs", "namespace PerfRing; class Source(Ledger ledger);");
        SourceFile reader = new("Readers", "Readers/Reader.cs", "namespace PerfRing; class Reader(Ledger ledger);");

        Assert.Equal(
            ["Sources/Source.cs:1: PerfRing.Ledger: Sources -> Diagnostics"], Found(ledger, source, reader));
    }

    [Fact]
    public void A_reader_used_by_Diagnostics_is_found()
    {
        SourceFile reader = new("Readers", "Readers/Reader.cs", "namespace PerfRing; class Reader;");
        SourceFile source = new("Sources", "Sources/Source.cs", "namespace PerfRing; class Source;");
        SourceFile check = new(
            "Diagnostics", "Diagnostics/Check.cs", "namespace PerfRing; class Check(Source source, Reader reader);");

        Assert.Equal(["Diagnostics/Check.cs:1: PerfRing.Reader: Diagnostics -> Readers"], Found(reader, source, check));
    }

    [Fact]
    public void Every_overload_that_nameof_mentions_is_found()
    {
        SourceFile upper = new("Pipes", "Pipes/Upper.cs", """
            namespace PerfRing;
            class Upper
            {
                internal void Go() { }
                internal void Go(int times) { }
            }
            """);
        SourceFile lower = new("Readers", "Readers/Lower.cs", """
            namespace PerfRing;
            class Lower
            {
                internal string Name => nameof(Upper.Go);
            }
            """);

        Assert.Equal(
            [
                "Readers/Lower.cs:4: PerfRing.Upper: Readers -> Pipes",
                "Readers/Lower.cs:4: PerfRing.Upper.Go(): Readers -> Pipes",
                "Readers/Lower.cs:4: PerfRing.Upper.Go(int): Readers -> Pipes",
            ],
            Found(upper, lower));
    }

    [Fact]
    public void A_type_with_a_part_in_a_later_folder_is_found()
    {
        SourceFile upper = new("Rings", "Rings/Split.cs", "namespace PerfRing; partial class Split;");
        SourceFile lower = new("Memory", "Memory/Split.cs", "namespace PerfRing; partial class Split { Split? _next; }");

        Assert.Equal(["Memory/Split.cs:1: PerfRing.Split: Memory -> Rings"], Found(upper, lower));
    }

    [Fact]
    public void A_file_outside_the_known_folders_is_found()
    {
        SourceFile unknown = new("Helpers", "Helpers/Stray.cs", "namespace PerfRing; class Stray;");
        SourceFile root = new("", "Root.cs", "namespace PerfRing; class Root;");

        Assert.Equal(
            ["Helpers/Stray.cs:1: lies in the unknown folder Helpers", "Root.cs:1: lies in no folder"],
            Found(unknown, root));
    }

    [Fact]
    public void A_cref_may_point_to_a_later_folder()
    {
        SourceFile upper = new("Consumers", "Consumers/Upper.cs", "namespace PerfRing; class Upper;");
        SourceFile lower = new("Abi", "Abi/Lower.cs", """
            namespace PerfRing;
            /// <summary>Drained by <see cref="Upper"/>.</summary>
            class Lower;
            """);

        Assert.Empty(Found(upper, lower));
    }

    [Fact]
    public void Earlier_folders_may_be_used()
    {
        SourceFile lower = new("Interop", "Interop/Lower.cs", "namespace PerfRing; class Lower { internal int Value; }");
        SourceFile upper = new(
            "Consumers", "Consumers/Upper.cs", "namespace PerfRing; class Upper { int _value = new Lower().Value; }");

        Assert.Empty(Found(upper, lower));
    }

    private static IEnumerable<string> Found(params SourceFile[] files) =>
        DependencyOrder.Check(files).Select(finding => finding.ToString());
}
