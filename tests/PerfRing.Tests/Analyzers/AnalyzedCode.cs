using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace PerfRing.Tests.Analyzers;

/// <summary>Method bodies that use PerfRing, and what an analyzer says about them.</summary>
internal static class AnalyzedCode
{
    // Against everything that runs these tests, the library included. Made once: binding the references takes the longest.
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Snippet",
        syntaxTrees: null,
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
        new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>Runs an analyzer over the statements of a method that has two readers and some methods to call.</summary>
    /// <returns>Each diagnostic as id, line of the statements counted from 1, and the text that it is on.</returns>
    internal static async Task<string[]> AnalyzeAsync(DiagnosticAnalyzer analyzer, string statements)
    {
        ImmutableArray<Diagnostic> found = await DiagnoseAsync(analyzer, Surround(statements), OutputKind.DynamicallyLinkedLibrary);
        return [.. found.Select(Describe)];
    }

    /// <summary>Runs an analyzer over a whole file, as a program or as one of a library.</summary>
    internal static async Task<ImmutableArray<Diagnostic>> DiagnoseAsync(DiagnosticAnalyzer analyzer, string file, OutputKind kind)
    {
        Compilation compilation = Empty
            .WithOptions(Empty.Options.WithOutputKind(kind))
            .AddSyntaxTrees(CSharpSyntaxTree.ParseText(file, new CSharpParseOptions(LanguageVersion.Latest)));

        // A snippet that doesn't compile proves nothing.
        Assert.DoesNotContain(compilation.GetDiagnostics(), diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

        ImmutableArray<Diagnostic> diagnostics =
            await compilation.WithAnalyzers([analyzer]).GetAnalyzerDiagnosticsAsync(CancellationToken.None);
        Assert.DoesNotContain(diagnostics, diagnostic => diagnostic.Id == "AD0001");
        return [.. diagnostics.Where(diagnostic => diagnostic.Id.StartsWith("PERFRING", StringComparison.Ordinal))
            .OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)];
    }

    private static string Surround(string statements) => $$"""
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using PerfRing;

        internal ref struct Holder
        {
            internal RecordBatch Batch;
        }

        internal delegate RecordBatch Source();

        internal static class Surroundings
        {
            private static void Look(ReadOnlySpan<byte> bytes) { }
            private static void Look(Record record) { }
            private static void Look(ulong value) { }
            private static void Take(RecordBatch batch) => batch.Dispose();
            private static void TakeByReference(ref RecordBatch batch) => batch.Dispose();
            private static void Fill(out Record record) => record = default;
            private static ref RecordBatch Inside(ref Holder holder) => ref holder.Batch;
            private static RecordBatch Logged(this RecordBatch batch) => batch;
            private static RecordBatch Wrapped(PerfEventReader reader) => reader.Read(TimeSpan.Zero);
            private static void Run(Action action) => action();
            private static void Run(Source source) => source().Dispose();

            private static void Method(PerfEventReader reader, PerfEventReader? other, bool condition)
            {
        #line 1
        {{statements}}
            }
        }
        """;

    private static string Describe(Diagnostic diagnostic)
    {
        int line = diagnostic.Location.GetMappedLineSpan().StartLinePosition.Line + 1;
        string text = diagnostic.Location.SourceTree!.ToString().Substring(
            diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length);
        return $"{diagnostic.Id} {line}: {text}";
    }
}
