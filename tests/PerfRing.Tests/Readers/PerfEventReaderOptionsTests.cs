using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

/// <summary>What can be said of options without a kernel.</summary>
public sealed class PerfEventReaderOptionsTests
{
    private static readonly SampleLayout Layout = new(FakePerfRing.DefaultFields);

    private static int Page => Environment.SystemPageSize;

    public static TheoryData<int, int> Sizes => new()
    {
        { 1, Page },
        { Page - 1, Page },
        { Page, Page },
        { Page + 1, 2 * Page },
        { 3 * Page, 4 * Page },
        { (4 * Page) - 1, 4 * Page },
        { (1 << 29) + 1, 1 << 30 },
        { 1 << 30, 1 << 30 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_buffer_size_is_rounded_up_to_a_power_of_two_of_pages(int asked, int rounded) =>
        Assert.Equal(rounded, new PerfEventReaderOptions { BufferSize = asked }.RoundedBufferSize);

    [Fact]
    public void The_defaults_are_valid() => new PerfEventReaderOptions().Validate();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData((1 << 30) + 1)]
    public void A_buffer_size_out_of_range_is_refused(int size) =>
        AssertRefused(new PerfEventReaderOptions { BufferSize = size }, nameof(PerfEventReaderOptions.BufferSize));

    [Theory]
    [InlineData((SampleFields)(1 << 4))]
    [InlineData((SampleFields)(1 << 30) | SampleFields.Raw)]
    public void A_field_that_no_record_decodes_is_refused(SampleFields fields) =>
        AssertRefused(new PerfEventReaderOptions { Fields = fields }, nameof(PerfEventReaderOptions.Fields));

    [Fact]
    public void A_clock_that_the_kernel_does_not_have_is_refused() =>
        AssertRefused(new PerfEventReaderOptions { Clock = (EventClock)5 }, nameof(PerfEventReaderOptions.Clock));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void A_stack_depth_out_of_range_is_refused(int depth) =>
        AssertRefused(new PerfEventReaderOptions { MaximumStackDepth = depth }, nameof(PerfEventReaderOptions.MaximumStackDepth));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_process_id_that_no_process_has_is_refused(int id) =>
        AssertRefused(new PerfEventReaderOptions { ProcessId = id }, nameof(PerfEventReaderOptions.ProcessId));

    [Fact]
    public void No_cpus_at_all_are_refused() =>
        Assert.Throws<ArgumentException>(() => new PerfEventReaderOptions { Cpus = CpuSet.Of() }.Validate());

    [Fact]
    public void Without_a_wakeup_it_is_a_quarter_of_the_rounded_ring() =>
        Assert.Equal(Wakeup.AfterBytes(2 * Page), Effective(null, (4 * Page) + 1));

    [Fact]
    public void As_many_bytes_as_a_ring_of_small_samples_holds_are_taken()
    {
        Wakeup wakeup = Wakeup.AfterBytes(Most() * (int)Layout.SampleSize(0)).Within(TimeSpan.FromMilliseconds(1));
        Assert.Equal(wakeup, Effective(wakeup, Page));
    }

    [Fact]
    public void One_byte_more_than_a_ring_of_small_samples_holds_is_refused()
    {
        int most = Most() * (int)Layout.SampleSize(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => Effective(Wakeup.AfterBytes(most + 1), Page));
    }

    [Fact]
    public void As_many_events_as_a_ring_holds_are_taken()
    {
        int most = Most();
        Assert.Equal(Wakeup.AfterEvents(most), Effective(Wakeup.AfterEvents(most), Page));
    }

    [Fact]
    public void One_event_more_than_a_ring_holds_is_refused()
    {
        int most = Most();
        Assert.Throws<ArgumentOutOfRangeException>(() => Effective(Wakeup.AfterEvents(most + 1), Page));
    }

    [Fact]
    public void The_error_names_the_option_and_polled_where_that_may_be_meant()
    {
        ArgumentOutOfRangeException error =
            Assert.Throws<ArgumentOutOfRangeException>(() => Effective(Wakeup.AfterBytes(Page), Page));
        Assert.Contains("Wakeup.Polled", error.Message, StringComparison.Ordinal);
    }

    private static Wakeup Effective(Wakeup? wakeup, int size) =>
        new PerfEventReaderOptions { BufferSize = size, Wakeup = wakeup }.EffectiveWakeup(Layout);

    /// <summary>How many of the smallest samples a page takes: the fake accounts for space as the kernel does.</summary>
    private static int Most()
    {
        using FakePerfRing ring = new();
        while (ring.Write(payload: 0))
        {
        }

        return (int)ring.Accepted;
    }

    private static void AssertRefused(PerfEventReaderOptions options, string option)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);
        Assert.Equal(option, error.ParamName);
    }
}
