using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;
using PerfRing.Tests.Native;

namespace PerfRing.Tests.SharedRings;

public sealed class OpeningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(1 << 20, 1 << 20)]
    public void The_capacity_is_rounded_up(int asked, int given)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = asked });
        Assert.Equal(Math.Max(given, Environment.SystemPageSize), ring.Capacity);
        Assert.Equal(ring.Capacity - 8, ring.LargestRecord);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((1 << 30) + 1)]
    public void A_capacity_that_no_ring_has_is_refused(int capacity) => Assert.Throws<ArgumentOutOfRangeException>(
        () => SharedRing.CreateAnonymous(new() { Capacity = capacity }));

    [Fact]
    public void The_default_is_a_mebibyte_for_many()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        Assert.Equal((1 << 20, SharedRingProducers.Many), (ring.Capacity, ring.Producers));
    }

    [Fact]
    public void A_named_ring_is_its_owners_alone_and_fully_allocated()
    {
        string path = _folder["ring"];
        using SharedRing ring = SharedRing.Create(path, new() { Capacity = 65536 });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using RawRing raw = new(ring);
        Assert.Equal(RawRing.Data + 65536, raw.Length);
    }

    [Fact]
    public void A_named_ring_is_opened_with_what_it_was_made_with()
    {
        SharedRingOptions options = new() { Capacity = 8192, Producers = SharedRingProducers.One };
        using SharedRing made = SharedRing.Create(_folder["ring"], options);
        using SharedRing opened = SharedRing.Open(_folder["ring"]);
        Assert.Equal((8192, SharedRingProducers.One), (opened.Capacity, opened.Producers));
        using SharedRingWriter writer = made.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(opened);
        Assert.True(writer.TryWrite(3));
        Assert.Equal([3], reader.Numbers());
    }

    [Fact]
    public void A_name_that_is_taken_is_left_alone()
    {
        File.WriteAllText(_folder["ring"], "mine");
        SystemCallException refusal = Assert.Throws<SystemCallException>(() => SharedRing.Create(_folder["ring"]));
        Assert.Equal("EEXIST", refusal.ErrnoName);
        Assert.Equal("mine", File.ReadAllText(_folder["ring"]));
    }

    [Fact]
    public void A_ring_is_not_made_through_a_symbolic_link()
    {
        File.CreateSymbolicLink(_folder["link"], _folder["target"]);
        Assert.Throws<SystemCallException>(() => SharedRing.Create(_folder["link"]));
        Assert.False(File.Exists(_folder["target"]));
    }

    [Fact]
    public void A_ring_is_not_opened_through_a_symbolic_link()
    {
        SharedRing.Create(_folder["ring"]).Dispose();
        File.CreateSymbolicLink(_folder["link"], _folder["ring"]);
        Assert.Equal("ELOOP", Assert.Throws<SystemCallException>(() => SharedRing.Open(_folder["link"])).ErrnoName);
    }

    [Fact]
    public void A_ring_that_could_not_be_made_leaves_no_file()
    {
        SharedRingGeometry tooLarge = new((uint)Environment.SystemPageSize, 1ul << 60, ManyProducers: true, IsAsymmetric: false);
        Assert.Throws<SystemCallException>(() => SharedRingFile.MakeNamed(_folder["ring"], tooLarge));
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void What_is_no_file_is_refused()
    {
        Assert.Throws<SharedRingFormatException>(() => SharedRing.Open("/dev/null"));
        Assert.Throws<SystemCallException>(() => SharedRing.Open("/"));
        Assert.Throws<SystemCallException>(() => SharedRing.Open(_folder["nothing"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(16384)]
    [InlineData(1 << 20)]
    public void A_file_that_is_no_ring_is_refused(int length)
    {
        File.WriteAllBytes(_folder["file"], new byte[length]);
        Assert.Throws<SharedRingFormatException>(() => SharedRing.Open(_folder["file"]));
    }

    [Theory]
    [InlineData(0, 0u, "magic")]
    [InlineData(8, 2u, "version 2")]
    [InlineData(12, 512u, "pages of 512 bytes")]
    [InlineData(16, 0u, "damaged")]
    [InlineData(24, 4096u * 3, "damaged")]
    [InlineData(24, 1u << 31, "damaged")]
    [InlineData(28, 1u, "damaged")]
    [InlineData(32, 0u, "damaged")]
    [InlineData(32, 3u, "damaged")]
    [InlineData(36, 65u, "damaged")]
    public void A_header_that_is_wrong_is_refused_with_what_is_wrong(int offset, uint value, string says)
    {
        using SharedRing ring = SharedRing.Create(_folder["ring"]);
        using RawRing raw = new(ring);
        raw.SetWord(offset, value);
        SharedRingFormatException refusal =
            Assert.Throws<SharedRingFormatException>(() => SharedRing.Open(_folder["ring"]));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["ring"], refusal.Message, StringComparison.Ordinal);
        using Descriptor copy = CopyOf(raw);
        Assert.Throws<SharedRingFormatException>(() => SharedRing.Attach(copy));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-(1 << 20))]
    public void A_file_of_another_size_than_its_header_says_is_refused(int more)
    {
        using (SharedRing ring = SharedRing.Create(_folder["ring"]))
        {
        }

        using (FileStream file = new(_folder["ring"], FileMode.Open))
            file.SetLength(file.Length + more);

        Assert.Throws<SharedRingFormatException>(() => SharedRing.Open(_folder["ring"]));
    }

    [Fact]
    public void A_descriptor_from_elsewhere_is_attached_and_stays_the_callers()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 8192 });
        using SharedRing attached = SharedRing.Attach(ring.Descriptor);
        ring.Dispose();
        using SharedRingWriter writer = attached.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(attached);
        Assert.True(writer.TryWrite(9));
        Assert.Equal([9], reader.Numbers());
    }

    [Fact]
    public void A_named_file_is_not_attached_as_it_could_be_shortened()
    {
        using SharedRing ring = SharedRing.Create(_folder["ring"]);
        SharedRingFormatException refusal = Assert.Throws<SharedRingFormatException>(() => SharedRing.Attach(ring.Descriptor));
        Assert.Contains("not sealed", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(Seal.Shrinking)]
    [InlineData(Seal.Shrinking | Seal.Growing)]
    [InlineData(Seal.Growing | Seal.Sealing)]
    public void Memory_that_is_not_sealed_enough_is_not_attached(uint seals)
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using RawRing raw = new(ring);
        using Descriptor copy = CopyOf(raw, seals);
        Assert.Throws<SharedRingFormatException>(() => SharedRing.Attach(copy));
    }

    [Fact]
    public void Memory_that_is_sealed_by_somebody_else_is_attached()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using RawRing raw = new(ring);
        using Descriptor copy = CopyOf(raw);
        using SharedRing attached = SharedRing.Attach(copy);
        Assert.Equal(ring.Capacity, attached.Capacity);
    }

    [Fact]
    public void The_memory_of_a_ring_can_not_be_shortened()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = new(ring.Descriptor.DangerousGetHandle(), ownsHandle: false);
        Assert.ThrowsAny<UnauthorizedAccessException>(() => RandomAccess.SetLength(file, 4096));
    }

    [Fact]
    public void A_number_that_is_no_descriptor_is_refused()
    {
        Assert.Throws<SystemCallException>(() => SharedRing.Attach(-1));
        Assert.Throws<SystemCallException>(() => SharedRing.Attach(1_000_000));
    }

    [Fact]
    public void Readers_and_writers_outlive_the_ring()
    {
        SharedRing ring = SharedRing.CreateAnonymous();
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        ring.Dispose();
        ring.Dispose();
        Assert.True(writer.TryWrite(1));
        Assert.Equal([1], reader.Numbers());
        Assert.Throws<ObjectDisposedException>(ring.OpenWriter);
        Assert.Throws<ObjectDisposedException>(() => SharedRingReader.Open(ring));
    }

    [Fact]
    public void Opening_and_disposing_leaves_no_descriptor_and_no_mapping()
    {
        const string name = "/memfd:perfring ";
        static int Held() => File.ReadLines("/proc/self/maps").Count(line => line.Contains(name, StringComparison.Ordinal))
            + Directory.EnumerateFiles("/proc/self/fd").Count(
                file => new FileInfo(file).LinkTarget?.StartsWith(name, StringComparison.Ordinal) == true);

        int before = Held();
        for (int i = 0; i < 20; i++)
        {
            using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = SharedRingProducers.One });
            using SharedRingWriter writer = ring.OpenWriter();
            using SharedRingReader reader = SharedRingReader.Open(ring);
            Assert.Throws<SharedRingBusyException>(ring.OpenWriter);
            Assert.Throws<SharedRingBusyException>(() => SharedRingReader.Open(ring));
        }

        // Other tests run beside this one: they hold a few, and not twenty more.
        Assert.InRange(Held(), 0, before + 15);
    }

    /// <summary>The same bytes in memory of our own making.</summary>
    private static Descriptor CopyOf(RawRing raw, uint seals = Seal.Shrinking | Seal.Growing | Seal.Sealing)
    {
        Assert.Equal(0, Shim.MemfdCreate("copy", Memfd.CloseOnExec | Memfd.AllowSealing, out int fd));
        Descriptor copy = new(fd);
        using (Microsoft.Win32.SafeHandles.SafeFileHandle file = new(fd, ownsHandle: false))
            RandomAccess.Write(file, raw.Bytes(0, (int)raw.Length), 0);

        Assert.Equal(0, Shim.AddSeals(copy, seals));
        return copy;
    }
}
