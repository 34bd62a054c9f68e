using PerfRing.Analyzers;

namespace PerfRing.Tests.Analyzers;

public class ReleasedRecordTests
{
    [Theory]
    [InlineData("Look(last);", "last")]
    [InlineData("Look(last.Payload);", "last")]
    [InlineData("Look(payload);", "payload")]
    [InlineData("Look(payload[0]);", "payload")]
    [InlineData("if (condition) { Look(payload.Slice(4)); }", "payload")]
    [InlineData("Look(tail);", "tail")]
    [InlineData("Look(chain[0]);", "chain")]
    [InlineData("Look(records.Current);", "records")]
    [InlineData("Look(last); Look(last.Bytes);", "last")]
    public Task A_view_that_is_used_after_Dispose_is_found(string use, string view) => AssertFoundAsync(
        $"PERFRING1002 13: {view}",
        $$"""
        RecordBatch batch = reader.Read();
        RecordBatch.Enumerator records = batch.GetEnumerator();
        Record last = default;
        foreach (Record record in batch)
        {
            last = record;
        }
        ReadOnlySpan<byte> payload = last.Payload;
        payload = payload[4..];
        ReadOnlySpan<byte> tail = payload.Slice(4);
        ReadOnlySpan<ulong> chain = last.CallChain;
        batch.Dispose();
        {{use}}
        """);

    [Fact]
    public Task A_record_that_is_used_after_Dispose_inside_the_loop_is_found() => AssertFoundAsync(
        "PERFRING1002 5: record",
        """
        using RecordBatch batch = reader.Read();
        foreach (Record record in batch)
        {
            batch.Dispose();
            Look(record);
            break;
        }
        """);

    [Fact]
    public Task Several_views_are_found_each_at_its_first_use() => AssertFoundAsync(
        ["PERFRING1002 4: first", "PERFRING1002 4: second"],
        """
        RecordBatch batch = reader.Read();
        Record first = batch.GetEnumerator().Current; ReadOnlySpan<byte> second = first.Bytes;
        batch.Dispose();
        Look(first); Look(second);
        Look(first); Look(second);
        """);

    [Theory]
    [InlineData("Look(last.Payload); batch.Dispose();")]
    [InlineData("batch.Dispose(); ReadStatus status = batch.Status; batch.Dispose();")]
    [InlineData("int length = payload.Length; batch.Dispose(); Look((ulong)length);")]
    [InlineData("batch.Dispose(); Look((ulong)payload.Length);")]
    [InlineData("byte[] copy = payload.ToArray(); batch.Dispose(); Look(copy);")]
    [InlineData("ReadOnlySpan<byte> copy = payload.ToArray(); batch.Dispose(); Look(copy);")]
    [InlineData("ulong time = last.Time; batch.Dispose(); Look(time);")]
    public Task What_was_read_or_copied_before_Dispose_is_fine(string statements) => AssertFineAsync(statements);

    [Theory]
    [InlineData("batch.Dispose(); last = default; Look(last);")]
    [InlineData("batch.Dispose(); Fill(out last); Look(last);")]
    [InlineData("batch.Dispose(); if (condition) { last = default; } Look(last);")]
    public Task A_variable_that_was_given_another_value_is_left_alone(string statements) => AssertFineAsync(statements);

    [Theory]
    [InlineData("using RecordBatch two = other!.Read(); last = two.GetEnumerator().Current; batch.Dispose(); Look(last);")]
    [InlineData("Fill(out last); batch.Dispose(); Look(last);")]
    [InlineData("ref Record alias = ref last; alias = default; batch.Dispose(); Look(last);")]
    [InlineData("ReadOnlySpan<byte> bytes = condition ? payload : new byte[4]; batch.Dispose(); Look(bytes);")]
    [InlineData("ReadOnlySpan<byte> bytes = new byte[4]; if (condition) { bytes = payload; } batch.Dispose(); Look(bytes);")]
    public Task A_variable_that_may_show_something_else_is_left_alone(string statements) => AssertFineAsync(statements);

    [Theory]
    [InlineData("if (condition) { batch.Dispose(); return; } Look(last);")]
    [InlineData("if (condition) { goto use; } batch.Dispose(); return; use: Look(last);")]
    [InlineData("try { Look(last); } finally { batch.Dispose(); }")]
    public Task A_use_that_Dispose_does_not_always_come_before_is_left_alone(string statements) => AssertFineAsync(statements);

    [Theory]
    [InlineData("batch.Dispose(); batch = other!.Read(); Look(last); batch.Dispose(); Look(last);")]
    [InlineData("TakeByReference(ref batch); batch.Dispose(); Look(last);")]
    public Task A_variable_that_held_several_batches_is_left_alone(string statements) => AssertFineAsync(statements);

    private static Task AssertFoundAsync(string expected, string statements) => AssertFoundAsync([expected], statements);

    private static async Task AssertFoundAsync(string[] expected, string statements) =>
        Assert.Equal(expected, await AnalyzedCode.AnalyzeAsync(new ReleasedRecordAnalyzer(), statements));

    private static async Task AssertFineAsync(string statements)
    {
        string method = $$"""
            RecordBatch batch = reader.Read();
            Record last = default;
            foreach (Record record in batch)
                last = record;
            ReadOnlySpan<byte> payload = last.Payload;
            {{statements}}
            """;
        Assert.Empty(await AnalyzedCode.AnalyzeAsync(new ReleasedRecordAnalyzer(), method));
    }
}
