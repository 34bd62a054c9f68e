using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace PerfRing.Tests;

public class TracepointFieldTests
{
    private static readonly TracepointFormat Switch = TracepointFormat.Parse(FormatTexts.SchedSwitch, "sched");
    private static readonly TracepointFormat Dynamic = TracepointFormat.Parse(FormatTexts.Dynamic);
    private static readonly TracepointFormat Declarations = TracepointFormat.Parse(FormatTexts.Declarations);

    [Fact]
    public void Numbers_have_the_sign_that_the_description_says()
    {
        var payload = new byte[200];
        payload.AsSpan().Fill(0xff);
        Assert.Equal(-1, Field(Switch, "next_pid").ReadInt64(payload));
        Assert.Equal(ulong.MaxValue, Field(Switch, "next_pid").ReadUInt64(payload));
        Assert.Equal(0xffff, Field(Switch, "common_type").ReadInt64(payload));
        Assert.Equal(0xffUL, Field(Switch, "common_flags").ReadUInt64(payload));
        Assert.Equal(-1, Field(Declarations, "level").ReadInt64(payload));
        Assert.Equal(-1, Field(Declarations, "tiny").ReadInt64(payload));
        Assert.Equal(0xffff_ffff, Field(Declarations, "zone").ReadInt64(payload));
        Assert.Equal(ulong.MaxValue, Field(Declarations, "fn").ReadUInt64(payload));
    }

    [Fact]
    public void A_system_calls_arguments_are_whole_words()
    {
        TracepointField flags = Field(TracepointFormat.Parse(FormatTexts.SystemCall, "syscalls"), "flags");
        var payload = new byte[48];
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(32), 0x8000_0241);
        Assert.Equal(TracepointFieldKind.Integer, flags.Kind);
        Assert.Equal(0x8000_0241, flags.ReadInt64(payload));
    }

    [Fact]
    public void Text_ends_at_the_first_nul_or_at_the_fields_end()
    {
        var payload = new byte[64];
        "kworker/0:1\0left"u8.CopyTo(payload.AsSpan(8));
        "exactly sixteen!"u8.CopyTo(payload.AsSpan(40));
        Assert.Equal("kworker/0:1", Field(Switch, "prev_comm").ReadString(payload));
        Assert.Equal("exactly sixteen!", Field(Switch, "next_comm").ReadString(payload));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_replaced()
    {
        var payload = new byte[64];
        payload.AsSpan(8, 3).Fill(0xff);
        Assert.Equal("\ufffd\ufffd\ufffd", Field(Switch, "prev_comm").ReadString(payload));
    }

    [Fact]
    public void Dynamic_values_are_read_from_where_the_field_points()
    {
        byte[] payload = DynamicPayload();
        Assert.Equal("/bin/true", Field(Dynamic, "text").ReadString(payload));
        Assert.Equal("/bin/true\0"u8, Field(Dynamic, "text").ReadBytes(payload));
        Assert.Equal("near", Field(Dynamic, "near_text").ReadString(payload));
        Assert.Equal([1, 2], MemoryMarshal.Cast<byte, ushort>(Field(Dynamic, "near_numbers").ReadBytes(payload)).ToArray());
    }

    [Fact]
    public void Elements_are_read_from_arrays_in_the_record_and_elsewhere_in_it()
    {
        byte[] payload = DynamicPayload();
        TracepointField numbers = Field(Dynamic, "numbers");
        Assert.True(numbers.TryReadElement(payload, 1, out long second));
        Assert.Equal(0x1122334455667788, second);
        Assert.False(numbers.TryReadElement(payload, 2, out _));
        Assert.False(numbers.TryReadElement(payload, -1, out _));

        var words = new byte[64];
        words[48] = 42;
        Assert.True(Field(Declarations, "args").TryReadElement(words, 5, out long sixth));
        Assert.Equal(42, sixth);
        Assert.False(Field(Declarations, "args").TryReadElement(words, 6, out _));
        Assert.False(Field(Declarations, "fn").TryReadElement(new byte[200], 0, out _));
        Assert.False(Field(Declarations, "pairs").TryReadElement(new byte[200], 0, out _));
    }

    [Fact]
    public void An_array_without_a_length_runs_to_the_payloads_end()
    {
        TracepointField rest = Field(Declarations, "rest");
        Assert.Equal(16, rest.ReadBytes(new byte[200]).Length);
        Assert.True(rest.TryReadBytes(new byte[184], out ReadOnlySpan<byte> none));
        Assert.True(none.IsEmpty);
        Assert.False(rest.TryReadBytes(new byte[183], out _));
    }

    [Theory]
    [InlineData(0, 65_535)] // longer than the payload
    [InlineData(65_535, 1)] // beyond the payload
    [InlineData(65_535, 65_535)]
    [InlineData(60, 5)] // one byte too long
    [InlineData(65, 0)]
    public void A_location_outside_the_payload_gives_nothing(int offset, int length)
    {
        var payload = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(8), (uint)(length << 16 | offset));
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(16), (uint)(length << 16 | offset));
        Assert.False(Field(Dynamic, "text").TryReadBytes(payload, out ReadOnlySpan<byte> bytes));
        Assert.True(bytes.IsEmpty);
        Assert.Equal("", Field(Dynamic, "text").ReadString(payload));
        Assert.False(Field(Dynamic, "near_text").TryReadBytes(payload, out _));
    }

    [Fact]
    public void A_location_that_ends_with_the_payload_is_inside()
    {
        var payload = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(8), 4 << 16 | 60);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(16), 4 << 16 | 40);
        Assert.Equal(4, Field(Dynamic, "text").ReadBytes(payload).Length);
        Assert.Equal(4, Field(Dynamic, "near_text").ReadBytes(payload).Length);
    }

    [Fact]
    public void A_payload_cut_off_anywhere_gives_zero_or_nothing_and_never_fails()
    {
        var whole = new byte[200];
        new Random(3).NextBytes(whole);
        foreach (TracepointField field in Switch.Fields.Concat(Dynamic.Fields).Concat(Declarations.Fields))
        {
            for (int length = 0; length < field.Offset + field.Size; length++)
            {
                ReadOnlySpan<byte> payload = whole.AsSpan(0, length);
                Assert.False(field.TryReadInt64(payload, out long number));
                Assert.False(field.TryReadUInt64(payload, out _));
                Assert.False(field.TryReadBytes(payload, out _));
                Assert.True(field.ReadBytes(payload).IsEmpty);
                Assert.Equal(0, number);
                if (field.Kind == TracepointFieldKind.Integer)
                    Assert.Equal(0, field.ReadInt64(payload));
                else
                    Assert.Equal(("", ""), (field.ReadString(payload), field.ReadPooledString(payload)));
            }
        }
    }

    [Fact]
    public void An_offset_near_the_largest_number_is_outside_every_payload()
    {
        const string text = "name: n\nID: 1\n\tfield:int a;\toffset:2147483647;\tsize:2147483647;\tsigned:0;\n"
            + "\tfield:int b[];\toffset:2147483647;\tsize:0;\tsigned:0;\n";
        Assert.All(TracepointFormat.Parse(text).Fields, field => Assert.False(field.TryReadBytes(new byte[16], out _)));
    }

    [Fact]
    public void Reading_one_kind_as_another_is_refused()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Field(Switch, "prev_comm").ReadInt64(new byte[64]));
        Assert.Contains("prev_comm (char[16])", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Field(Declarations, "fn").ReadString(new byte[200]));
        Assert.Throws<InvalidOperationException>(() => Field(Declarations, "fn").ReadPooledString(new byte[200]));
        Assert.False(Field(Switch, "prev_comm").TryReadInt64(new byte[64], out _));
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] payload = DynamicPayload();
        TracepointField pid = Field(Dynamic, "common_pid"), numbers = Field(Dynamic, "numbers"), text = Field(Dynamic, "text");
        AssertNothingAllocated(ReadAll);

        long ReadAll()
        {
            numbers.TryReadElement(payload, 1, out long element);
            return pid.ReadInt64(payload) + element + text.ReadBytes(payload).Length;
        }
    }

    [Fact]
    public void A_pooled_text_is_the_same_string_again_and_reads_as_an_unpooled_one()
    {
        TracepointField previous = Field(Switch, "prev_comm"), next = Field(Switch, "next_comm");
        var payload = new byte[64];
        Assert.Equal("", previous.ReadPooledString(payload));
        Assert.Equal("", previous.ReadPooledString(default));
        foreach (byte[] name in new[] { "kworker/0:1"u8.ToArray(), "näme"u8.ToArray(), [0xff, 0xfe, 0xe2, 0x82, 0x41, 0xf0, 0x9f] })
        {
            payload.AsSpan().Clear();
            name.CopyTo(payload.AsSpan(8));
            name.CopyTo(payload.AsSpan(40));
            Assert.Equal(previous.ReadString(payload), previous.ReadPooledString(payload));
            Assert.Same(previous.ReadPooledString(payload), next.ReadPooledString(payload));
        }
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    [InlineData(1_000, false)]
    public void A_long_text_is_read_whole_and_not_kept(int length, bool isKept)
    {
        TracepointField text = Field(Dynamic, "text");
        var payload = new byte[28 + length];
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(8), (uint)(length << 16 | 28));
        payload.AsSpan(28).Fill((byte)'a');
        string read = text.ReadPooledString(payload);
        Assert.Equal(new string('a', length), read);
        Assert.Equal(isKept, ReferenceEquals(read, text.ReadPooledString(payload)));
    }

    [Fact]
    public void Names_that_were_read_before_allocate_nothing()
    {
        TracepointField name = Field(Switch, "next_comm");
        byte[][] payloads = [.. Enumerable.Range(0, 200).Select(static number =>
        {
            var payload = new byte[64];
            Encoding.UTF8.GetBytes($"kworker/{number}").CopyTo(payload, 40);
            return payload;
        })];
        AssertNothingAllocated(ReadAll);

        long ReadAll()
        {
            long length = 0;
            foreach (byte[] payload in payloads)
                length += name.ReadPooledString(payload).Length;

            return length;
        }
    }

    private static void AssertNothingAllocated(Func<long> readAll)
    {
        long total = readAll();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
            total += readAll();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, total);
    }

    private static TracepointField Field(TracepointFormat format, string name) =>
        format.FindField(name) ?? throw new ArgumentException($"no field {name}");

    private static byte[] DynamicPayload()
    {
        var payload = new byte[80];
        Locate(8, 28, "/bin/true\0"u8);
        Locate(12, 41, [1, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
        Locate(16, 60 - 20, "near\0"u8, relativeTo: 20);
        Locate(20, 66 - 24, [1, 0, 2, 0], relativeTo: 24);
        return payload;

        void Locate(int field, int offset, ReadOnlySpan<byte> data, int relativeTo = 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(field), (uint)(data.Length << 16 | offset));
            data.CopyTo(payload.AsSpan(relativeTo + offset));
        }
    }
}
