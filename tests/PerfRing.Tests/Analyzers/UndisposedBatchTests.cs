using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using PerfRing.Analyzers;

namespace PerfRing.Tests.Analyzers;

public class UndisposedBatchTests
{
    [Theory]
    [InlineData("""
        foreach (Record record in reader.Read())
            Look(record);
        """)]
    [InlineData("""
        foreach (Record record in condition ? reader.Read() : default)
            Look(record);
        """)]
    [InlineData("""
        foreach (Record record in condition switch { true => reader.Read(), false => default })
            Look(record);
        """)]
    public Task A_batch_that_is_only_enumerated_is_found(string statements) =>
        AssertFoundAsync("PERFRING1001 1: reader.Read()", statements);

    [Theory]
    [InlineData("reader.Read();", "reader.Read()")]
    [InlineData("_ = reader.Read();", "reader.Read()")]
    [InlineData("other?.Read();", ".Read()")]
    [InlineData("Wrapped(reader);", "Wrapped(reader)")]
    [InlineData("Run(() => { reader.Read(); });", "reader.Read()")]
    [InlineData("Action action = () => reader.Read(TimeSpan.Zero);", "reader.Read(TimeSpan.Zero)")]
    public Task A_batch_that_is_dropped_is_found(string statements, string call) =>
        AssertFoundAsync($"PERFRING1001 1: {call}", statements);

    [Theory]
    [InlineData("ReadStatus status = reader.Read().Status;")]
    [InlineData("RecordBatch.Enumerator records = reader.Read().GetEnumerator();")]
    [InlineData("bool late = reader.Read() is { Status: ReadStatus.TimedOut };")]
    [InlineData("int number = reader.Read() switch { { Status: ReadStatus.TimedOut } => 1, _ => 2 };")]
    [InlineData("switch (reader.Read()) { case { Status: ReadStatus.TimedOut }: break; }")]
    public Task A_batch_that_is_only_asked_for_something_is_found(string statements) =>
        AssertFoundAsync("PERFRING1001 1: reader.Read()", statements);

    [Theory]
    [InlineData("""
        Thread.Yield();
        RecordBatch batch = reader.Read();
        """)]
    [InlineData("""
        RecordBatch batch;
        batch = reader.Read();
        foreach (Record record in batch)
            Look(record);
        """)]
    [InlineData("""
        RecordBatch batch = default;
        if (condition) { batch = reader.Read(); }
        if (batch.Status == ReadStatus.Records)
            batch.ReleaseThrough(default);
        """)]
    [InlineData("""
        Thread.Yield();
        RecordBatch batch = reader.Read();
        RecordBatch copy = batch;
        RecordBatch again = copy;
        again = batch;
        """)]
    [InlineData("""
        using RecordBatch fine = other!.Read();
        RecordBatch batch = reader.Read();
        Look(fine.GetEnumerator().Current);
        """)]
    public Task A_batch_in_a_variable_that_nobody_disposes_is_found(string statements) =>
        AssertFoundAsync("PERFRING1001 2: reader.Read()", statements);

    [Theory]
    [InlineData("using RecordBatch batch = reader.Read();")]
    [InlineData("using (RecordBatch batch = reader.Read()) { Look(batch.GetEnumerator().Current); }")]
    [InlineData("using (reader.Read()) { }")]
    [InlineData("using RecordBatch batch = condition ? reader.Read() : other!.Read();")]
    [InlineData("using RecordBatch batch = condition switch { true => reader.Read(), false => other!.Read() };")]
    [InlineData("RecordBatch batch = reader.Read(); using (batch) { }")]
    [InlineData("RecordBatch batch = reader.Read(); using RecordBatch copy = batch;")]
    public Task A_batch_under_using_is_fine(string statements) => AssertFineAsync(statements);

    [Theory]
    [InlineData("reader.Read().Dispose();")]
    [InlineData("other?.Read().Dispose();")]
    [InlineData("RecordBatch batch = reader.Read(); Thread.Yield(); batch.Dispose();")]
    [InlineData("RecordBatch batch = default; try { batch = reader.Read(); } finally { batch.Dispose(); }")]
    [InlineData("RecordBatch batch = reader.Read(); if (condition) { batch.Dispose(); }")]
    [InlineData("RecordBatch batch = reader.Read(); RecordBatch copy = batch; copy.Dispose();")]
    [InlineData("Run(() => { RecordBatch batch = reader.Read(); batch.Dispose(); });")]
    public Task A_batch_that_is_disposed_by_hand_is_fine(string statements) => AssertFineAsync(statements);

    [Theory]
    [InlineData("RecordBatch Next() => reader.Read();")]
    [InlineData("RecordBatch Next() { return condition ? reader.Read() : default; }")]
    [InlineData("RecordBatch Next() { RecordBatch batch = reader.Read(); Look(batch.GetEnumerator().Current); return batch; }")]
    [InlineData("Run(() => reader.Read());")]
    [InlineData("Source source = reader.Read;")]
    public Task A_batch_that_is_returned_is_the_callers_concern(string statements) => AssertFineAsync(statements);

    [Theory]
    [InlineData("Take(reader.Read());")]
    [InlineData("RecordBatch batch = reader.Read(); Take(batch);")]
    [InlineData("RecordBatch batch = reader.Read(); TakeByReference(ref batch);")]
    [InlineData("using RecordBatch batch = reader.Read().Logged();")]
    public Task A_batch_that_is_passed_on_is_the_receivers_concern(string statements) => AssertFineAsync(statements);

    [Theory]
    [InlineData("Holder holder = default; holder.Batch = reader.Read();")]
    [InlineData("Holder holder = default; Inside(ref holder) = reader.Read(); ReadStatus status = Inside(ref holder).Status;")]
    [InlineData("Holder holder = new() { Batch = reader.Read() };")]
    [InlineData("RecordBatch batch = reader.Read(); Holder holder = new() { Batch = batch };")]
    public Task A_batch_that_is_stored_is_the_holders_concern(string statements) => AssertFineAsync(statements);

    [Fact]
    public Task A_call_that_is_given_a_batch_may_hand_the_same_one_back() =>
        AssertFineAsync("using RecordBatch batch = reader.Read(); batch.Logged(); foreach (Record record in Logged(batch)) { }");

    [Fact]
    public async Task A_program_without_a_method_is_looked_at_too()
    {
        Diagnostic found = Assert.Single(await AnalyzedCode.DiagnoseAsync(
            new UndisposedBatchAnalyzer(),
            """
            PerfRing.PerfEventReader reader = null!;
            PerfRing.RecordBatch batch = reader.Read();
            """,
            OutputKind.ConsoleApplication));

        Assert.Equal(1, found.Location.GetLineSpan().StartLinePosition.Line);
    }

    [Fact]
    public async Task The_message_names_the_call_the_variable_and_the_remedy()
    {
        ImmutableArray<Diagnostic> found = await AnalyzedCode.DiagnoseAsync(
            new UndisposedBatchAnalyzer(),
            "PerfRing.RecordBatch batch = ((PerfRing.PerfEventReader)null!).Read();",
            OutputKind.ConsoleApplication);

        Assert.Equal(
            "The batch of 'Read' is kept in 'batch' and never disposed, so its memory stays taken and the next read throws: "
                + "write 'using RecordBatch batch = Read(…);'",
            Assert.Single(found).GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public Task A_merged_batch_that_is_only_enumerated_is_found() => AssertFoundAsync(
        "PERFRING1001 1: reader.Merged().Read()",
        """
        foreach (MergedRecord record in reader.Merged().Read())
            Look(record.Time);
        """);

    [Fact]
    public Task A_merged_batch_in_a_using_declaration_is_fine() => AssertFineAsync("using MergedBatch batch = reader.Merged().Read();");

    private static async Task AssertFoundAsync(string expected, string statements) =>
        Assert.Equal([expected], await AnalyzedCode.AnalyzeAsync(new UndisposedBatchAnalyzer(), statements));

    private static async Task AssertFineAsync(string statements) =>
        Assert.Empty(await AnalyzedCode.AnalyzeAsync(new UndisposedBatchAnalyzer(), statements));
}
