namespace PerfRing.Tests.Diagnostics;

public class ResourceLimitTests
{
    private const string Table = """
        Limit                     Soft Limit           Hard Limit           Units
        Max cpu time              unlimited            unlimited            seconds
        Max open files            1024                 524288               files
        Max locked memory         unlimited            unlimited            bytes
        """;

    [Fact]
    public void The_soft_limit_counts() => Assert.Equal(1024, ResourceLimit.Find(Table, ResourceLimit.OpenFiles));

    [Fact]
    public void Unlimited_is_a_limit_that_nothing_reaches() =>
        Assert.Equal(ResourceLimit.Unlimited, ResourceLimit.Find(Table, ResourceLimit.LockedMemory));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Max open files")]
    [InlineData("Max open files            many                 524288               files")]
    public void A_table_without_the_line_tells_nothing(string? table) =>
        Assert.Null(ResourceLimit.Find(table, ResourceLimit.OpenFiles));
}
