using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>How <c>perfring share</c> ends, on either side and in whatever way.</summary>
public sealed class ShareEndTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_writer_after_what_it_has_read_and_so_the_reader(string signal)
    {
        using ShareName ring = new();
        using Tool reader = ring.StartReader();
        using Tool writer = ring.StartWriter();
        await writer.Feed("first\n");
        Assert.Equal("first", await reader.ReadLine());

        writer.Signal(signal);
        ToolRun written = (await writer.End()).Expect(0);
        ToolRun read = (await reader.End()).Expect(0);
        Assert.Equal(1, written.Records);
        Assert.Equal(1, read.Records);
        Assert.False(ring.IsThere);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("many")]
    public async Task A_writer_that_is_killed_makes_the_reader_fail(string producers)
    {
        using ShareName ring = new();
        using Tool reader = ring.StartReader("--producers", producers);
        using Tool writer = ring.StartWriter("--producers", producers);
        await writer.Feed("first\nhalf a li");
        Assert.Equal("first", await reader.ReadLine());

        writer.Signal("KILL");
        ToolRun read = (await reader.End()).Expect(1);
        Assert.Contains("a writer ended without a word", read.Errors);
        Assert.False(ring.IsThere);
    }

    [Fact]
    public async Task A_signal_ends_the_reader_and_the_next_one_goes_on()
    {
        using ShareName ring = new();
        using Tool first = ring.StartReader();
        using Tool writer = ring.StartWriter();
        await writer.Feed("one\n");
        Assert.Equal("one", await first.ReadLine());

        first.Signal("INT");
        Assert.Contains("the next reader goes on", (await first.End()).Expect(0).Errors);
        Assert.True(ring.IsThere);

        await writer.Feed("two\n");
        writer.Input.Close();
        (await writer.End()).Expect(0);
        Assert.Equal("two\n", (await ring.Read()).Expect(0).Output);
        Assert.False(ring.IsThere);
    }

    [Fact]
    public async Task A_reader_that_no_writer_came_to_leaves_nothing_behind()
    {
        using ShareName ring = new();
        using Tool reader = ring.StartReader();
        Wait.Until(() => ring.IsThere, "the reader to make the ring");

        // It may not be listening yet: then the signal ends it as signals do, and the ring stays. So only when it waits.
        int looks = 0;
        Wait.Until(() => (looks = IsWaiting(reader) ? looks + 1 : 0) >= 30, "the reader to wait");
        reader.Signal("INT");
        (await reader.End()).Expect(0);
        Assert.False(ring.IsThere);
    }

    [Fact]
    public async Task A_closed_pipe_ends_the_reader_quietly()
    {
        using ShareName ring = new();
        using Tool reader = ring.StartReader();
        using Tool writer = ring.StartWriter();
        await writer.Feed("one\n");
        Assert.Equal("one", await reader.ReadLine());

        reader.Output.Close();
        await writer.Feed("two\n");
        ToolRun read = (await reader.EndUnread()).Expect(0);
        Assert.Equal("", read.Errors);
    }

    [Fact]
    public async Task A_writer_that_is_interrupted_over_a_full_ring_says_that_something_is_missing()
    {
        using ShareName ring = new();
        using Tool writer = ring.StartWriter("--capacity", "4K");
        await writer.Feed(new string('\n', 50_000));
        Wait.Until(() => ring.IsThere && IsFull(ring.Path), "the ring to be full");

        writer.Signal("INT");
        Assert.Contains("the ring is full", (await writer.End()).Expect(1).Errors);

        // The reader gets what is there, and is told as much.
        ToolRun read = (await ring.Read()).Expect(1);
        Assert.All(read.Output, character => Assert.Equal('\n', character));
        Assert.NotEqual(0, read.Records);
    }

    [Fact]
    public async Task A_ring_has_one_reader_and_as_many_writers_as_it_was_made_for()
    {
        using ShareName ring = new();
        using Tool reader = ring.StartReader();
        using Tool writer = ring.StartWriter();
        await writer.Feed("first\n");
        Assert.Equal("first", await reader.ReadLine());

        Assert.Contains($"process {reader.ProcessId}", (await ring.Read()).Expect(3).Errors);
        Assert.Contains($"process {writer.ProcessId}", (await ring.Write("second\n")).Expect(3).Errors);

        // Neither of those who came too late has disturbed the others.
        await writer.Feed("third\n");
        Assert.Equal("third", await reader.ReadLine());
        writer.Input.Close();
        (await writer.End()).Expect(0);
        (await reader.End()).Expect(0);
    }

    private static bool IsWaiting(Tool tool) => File.ReadAllText($"/proc/{tool.ProcessId}/syscall") is { } call
        && call.StartsWith(FutexCall, StringComparison.Ordinal);

    /// <summary>futex(2) on x86-64 and on arm64.</summary>
    private static string FutexCall =>
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
            == System.Runtime.InteropServices.Architecture.X64 ? "202 " : "98 ";

    private static bool IsFull(string path)
    {
        // Nobody can take the reader's place for a look: the positions are in the file. A writer that finds no room sleeps.
        using SharedRing ring = SharedRing.Open(path);
        using SharedRingReader reader = SharedRingReader.Open(ring);
        return reader.AvailableBytes > ring.Capacity - 16;
    }
}
