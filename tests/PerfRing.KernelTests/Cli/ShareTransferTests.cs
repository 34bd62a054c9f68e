using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>What <c>perfring share</c> carries.</summary>
public sealed class ShareTransferTests
{
    [Fact]
    public async Task Lines_arrive_as_they_were_and_the_ring_goes_with_the_last()
    {
        using ShareName ring = new();
        const string lines = "one\n\n  three \xff\x00\x01\r\nno end";
        ToolRun written = (await ring.Write(lines)).Expect(0);
        Assert.True(ring.IsThere);

        ToolRun read = (await ring.Read()).Expect(0);
        Assert.Equal(lines, read.Output);
        Assert.Equal(4, written.Records);
        Assert.Equal(4, read.Records);
        Assert.Equal(0, read.Lost);
        Assert.False(ring.IsThere);
    }

    [Fact]
    public async Task Nothing_at_all_arrives_as_nothing()
    {
        using ShareName ring = new();
        (await ring.Write("")).Expect(0);

        Assert.Equal("", (await ring.Read()).Expect(0).Output);
        Assert.False(ring.IsThere);
    }

    [Fact]
    public async Task A_reader_that_comes_first_waits_for_the_writer()
    {
        using ShareName ring = new();
        using Tool reader = ring.StartReader();
        Wait.Until(() => ring.IsThere, "the reader to make the ring");
        (await ring.Write("hello\n")).Expect(0);

        Assert.Equal("hello\n", (await reader.End()).Expect(0).Output);
        Assert.False(ring.IsThere);
    }

    [Fact]
    public async Task A_line_arrives_while_the_next_is_not_there_yet()
    {
        using ShareName ring = new();
        using Tool reader = ring.StartReader();
        using Tool writer = ring.StartWriter();
        await writer.Feed("first\n");
        Assert.Equal("first", await reader.ReadLine());

        await writer.Feed("second\n");
        Assert.Equal("second", await reader.ReadLine());

        writer.Input.Close();
        (await writer.End()).Expect(0);
        (await reader.End()).Expect(0);
    }

    [Fact]
    public async Task A_line_longer_than_the_ring_arrives_in_one()
    {
        using ShareName ring = new();
        string lines = $"{new string('a', 100_000)}\nshort\n{new string('b', 3_000_000)}";
        using Tool reader = ring.StartReader("--capacity", "4K");
        Task<ToolRun> read = reader.EndBinary();
        ToolRun written = (await ring.Write(lines, "--capacity", "4K")).Expect(0);

        Assert.Equal(lines, (await read).Expect(0).Output);
        Assert.Equal(3, written.Records);
        Assert.Equal(3, (await read).Records);
    }

    [Fact]
    public async Task Records_behind_their_length_may_hold_anything()
    {
        using ShareName ring = new();
        string records = Prefixed("one\ntwo") + Prefixed("") + Prefixed("\0\n\xff") + Prefixed(new string('x', 70_000));
        (await ring.Write(records, "--length-prefixed")).Expect(0);
        ToolRun read = (await ring.Read("--length-prefixed")).Expect(0);

        Assert.Equal(records, read.Output);
        Assert.Equal(4, read.Records);
    }

    [Fact]
    public async Task Records_of_several_writers_all_arrive()
    {
        using ShareName ring = new();
        const int lines = 20_000;
        using Tool reader = ring.StartReader("--producers", "many", "--capacity", "64K");
        Wait.Until(() => ring.IsThere, "the reader to make the ring");

        // The reader ends when nobody writes any more: the first one is there before the others come, and until they are done.
        using Tool first = ring.StartWriter();
        await first.Feed("first\n");
        Assert.Equal("first", await reader.ReadLine());
        Task<ToolRun> end = reader.End();
        string[] names = ["a", "b", "c"];
        ToolRun[] written = await Task.WhenAll(names.Select(name => ring.Write(
            string.Concat(Enumerable.Range(0, lines).Select(i => string.Create(CultureInfo.InvariantCulture, $"{name}{i}\n"))))));
        first.Input.Close();
        (await first.End()).Expect(0);

        ToolRun read = (await end).Expect(0);
        Assert.All(written, run => run.Expect(0));
        Assert.Equal(names.Length * lines, read.Lines.Length);
        Assert.All(names, name => Assert.Equal(
            Enumerable.Range(0, lines).Select(i => string.Create(CultureInfo.InvariantCulture, $"{name}{i}")),
            read.Lines.Where(line => line.StartsWith(name, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_writer_waits_while_the_ring_is_full()
    {
        using ShareName ring = new();
        string lines = string.Concat(Enumerable.Repeat("0123456789\n", 100_000));
        using Tool writer = ring.StartWriter("--capacity", "4K");
        Task fed = writer.Feed(lines);

        // What a pipe and a block of input hold is far less than what there is to write.
        Wait.Until(() => ring.IsThere, "the writer to make the ring");
        Assert.False(writer.HasExited);

        using Tool reader = ring.StartReader();
        Task<ToolRun> read = reader.End();
        await fed;
        writer.Input.Close();
        (await writer.End()).Expect(0);
        Assert.Equal(lines, (await read).Expect(0).Output);
    }

    [Fact]
    public async Task A_name_without_a_slash_is_a_file_in_memory_for_this_user_alone()
    {
        string name = $"test-{Guid.NewGuid():n}";
        (await Tool.RunFed("hello\n", "share", "write", name)).Expect(0);

        string file = Assert.Single(Directory.EnumerateFiles("/dev/shm", $"perfring-*-{name}"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal("hello\n", (await Tool.Run("share", "read", name)).Expect(0).Output);
        Assert.False(File.Exists(file));
    }

    [KernelFact(Needs.Root)]
    public async Task It_needs_no_rights()
    {
        using WorldReadableTool tool = new();
        string name = $"test-{Guid.NewGuid():n}";
        using Tool writer = Tool.StartFedBehind(Preparation.Nobody, tool.Folder, "share", "write", name);
        await writer.Feed("hello\n");
        writer.Input.Close();
        (await writer.End()).Expect(0);

        Assert.True(File.Exists($"/dev/shm/perfring-65534-{name}"));
        ToolRun read = await Tool.RunBehind(Preparation.Nobody, tool.Folder, "share", "read", name);
        Assert.Equal("hello\n", read.Expect(0).Output);
    }

    [Fact]
    public async Task A_GiB_arrives_as_it_was()
    {
        using ShareName ring = new();
        using Tool reader = ring.StartReader();
        using Tool writer = ring.StartWriter();
        Task<string> received = HashOf(reader.Output.BaseStream);

        // Bytes of any kind: lines of some hundred bytes, line breaks in a row, and a last line without one.
        Random random = new(4);
        using IncrementalHash sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[1 << 20];
        for (int i = 0; i < 1024; i++)
        {
            random.NextBytes(block);
            sent.AppendData(block);
            await writer.Input.WriteAsync(block);
        }

        writer.Input.Close();
        Assert.Equal(Convert.ToHexString(sent.GetHashAndReset()), await received);
        ToolRun written = (await writer.End()).Expect(0);
        ToolRun read = (await reader.End()).Expect(0);
        Assert.Equal(written.Records, read.Records);
        Assert.Equal(0, read.Lost);
    }

    private static string Prefixed(string bytes) =>
        Encoding.Latin1.GetString(BitConverter.GetBytes((uint)bytes.Length)) + bytes;

    private static async Task<string> HashOf(Stream stream) => Convert.ToHexString(await SHA256.HashDataAsync(stream));
}
