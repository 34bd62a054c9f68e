using PerfRing.Testing;

namespace PerfRing.Tests.Staging;

public sealed class StagingOptionsTests
{
    private static readonly StagingOptions Default = new();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((1 << 30) + 1)]
    public void A_capacity_that_cant_be_is_refused(int capacity) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new StagingOptions { Capacity = capacity }.Validate());

    [Fact]
    public void An_empty_set_of_cpus_is_refused() =>
        Assert.Throws<ArgumentException>(() => new StagingOptions { Cpus = CpuSet.Empty }.Validate());

    [Theory]
    [InlineData(1, 4096ul, 4096u)]
    [InlineData(5000, 4096ul, 8192u)]
    [InlineData(5000, 65536ul, 65536u)]
    [InlineData(1 << 30, 4096ul, 1u << 30)]
    public void The_capacity_is_rounded_up_to_a_power_of_two_and_to_the_kernels_ring(int capacity, ulong ring, uint expected) =>
        Assert.Equal((nuint)expected, new StagingOptions { Capacity = capacity }.CapacityFor(ring));

    [Fact]
    public void A_ring_of_the_kernel_that_is_larger_than_any_staging_ring_is_refused() =>
        Assert.Throws<ArgumentException>(() => Default.CapacityFor(1ul << 31));

    [Fact]
    public void Overwriting_rings_are_not_staged() => Assert.Contains(
        "overwriting",
        Assert.Throws<ArgumentException>(
            () => new PerfEventReaderOptions { BufferMode = BufferMode.OverwriteOldestFirst, Staging = Default }.Validate()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Rings_that_are_followed_are_not_staged() => Assert.Contains(
        "follows",
        Assert.Throws<ArgumentException>(
            () => new BpfRingReaderOptions { Access = BpfRingAccess.Follow, Staging = Default }.Validate()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Both_sizes_are_told()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel, options: new StagingOptions { Capacity = 3 * Environment.SystemPageSize });
        Assert.Equal(Environment.SystemPageSize, staged.Reader.BufferSize);
        Assert.Equal(4 * Environment.SystemPageSize, staged.Reader.StagingCapacity);

        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.Equal(0, reader.StagingCapacity);
    }
}
