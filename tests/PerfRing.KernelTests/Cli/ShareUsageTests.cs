namespace PerfRing.KernelTests.Cli;

/// <summary>What <c>perfring share</c> refuses.</summary>
public sealed class ShareUsageTests
{
    [Fact]
    public async Task A_line_that_does_not_fit_between_those_of_others_is_refused()
    {
        using ShareName ring = new();
        string lines = $"short\n{new string('x', 5000)}\n";
        ToolRun run = (await ring.Write(lines, "--producers", "many", "--capacity", "4K")).Expect(5);

        Assert.Contains("line 2 is longer than 4087 bytes", run.Errors);
        Assert.Contains("--capacity", run.Errors);
    }

    [Fact]
    public async Task The_longest_line_that_fits_is_taken()
    {
        using ShareName ring = new();
        string line = new('x', 4087);
        using Tool reader = ring.StartReader("--producers", "many", "--capacity", "4K");
        Task<ToolRun> read = reader.End();
        (await ring.Write($"{line}\n", "--producers", "many", "--capacity", "4K")).Expect(0);

        Assert.Equal($"{line}\n", (await read).Expect(0).Output);
    }

    [Theory]
    [InlineData("\x05\0\0\0ab", "in the middle of record 1")]
    [InlineData("\x01\0\0\0a\x01\0", "in the middle of record 2")]
    [InlineData("\xff\xff\xff\xff", "record 1 is 4294967295 bytes long")]
    public async Task Records_that_are_no_records_are_refused(string bytes, string reason)
    {
        using ShareName ring = new();
        ToolRun run = (await ring.Write(bytes, "--length-prefixed")).Expect(5);

        Assert.Contains(reason, run.Errors);
    }

    [Fact]
    public async Task The_writer_of_a_ring_that_is_there_is_told_how_it_was_made()
    {
        using ShareName ring = new();
        (await ring.Write("one\n", "--capacity", "8K")).Expect(0);
        ToolRun run = (await ring.Write("two\n", "--capacity", "64K", "--producers", "many")).Expect(0);

        Assert.Contains("the ring is there already, with 8192 bytes for one writer", run.Errors);
        Assert.Equal("one\ntwo\n", (await ring.Read()).Expect(0).Output);
    }

    [Fact]
    public async Task A_ring_of_somebody_else_is_none_to_print()
    {
        using ShareName name = new();
        using (SharedRing ring = SharedRing.Create(name.Path))
        using (SharedRingWriter writer = ring.OpenWriter())
            Assert.True(writer.TryWrite("hello"u8));

        ToolRun run = (await name.Read()).Expect(5);
        Assert.Contains("did not write", run.Errors);
        Assert.Equal("", run.Output);
        Assert.True(name.IsThere);
    }

    [Fact]
    public async Task A_file_that_is_no_ring_is_left_alone()
    {
        using ShareName name = new();
        await File.WriteAllTextAsync(name.Path, "a file");
        ToolRun run = (await name.Write("hello\n")).Expect(5);

        Assert.Contains("no shared ring", run.Errors);
        Assert.Equal("a file", await File.ReadAllTextAsync(name.Path));
    }

    [Theory]
    [InlineData("share")]
    [InlineData("share", "write")]
    [InlineData("share", "write", "")]
    [InlineData("share", "write", "name", "--capacity", "2G")]
    [InlineData("share", "read", "name", "--producers", "two")]
    public async Task A_wrong_command_line_is_a_usage_error(params string[] arguments)
    {
        ToolRun run = (await Tool.Run(arguments)).Expect(2);

        Assert.Equal("", run.Output);
        Assert.Contains("perfring share", run.Errors);
        Assert.Contains("--help", run.Errors);
    }
}
