namespace PerfRing.Tests;

public class CpuListTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n", "")]
    [InlineData("0\n", "0")]
    [InlineData("0-3,8", "0-3,8")]
    [InlineData("0-11,16-27\n", "0-11,16-27")]
    [InlineData("3,1,2", "1-3")]
    [InlineData("0-1", "0-1")]
    [InlineData("5-5", "5")]
    [InlineData("0-4,2-9", "0-9")]
    [InlineData("  7 ,\t9 ", "7,9")]
    [InlineData("1,,3,", "1,3")]
    [InlineData("1024-1026,4097,65536", "1024-1026,4097,65536")]
    [InlineData("1048575", "1048575")]
    [InlineData("007", "7")]
    public void A_list_reads_and_prints_in_the_kernels_form(string list, string printed)
    {
        CpuSet cpus = CpuSet.Parse(list);
        Assert.Equal(printed, cpus.ToString());
        Assert.Equal(cpus, CpuSet.Parse(printed));
    }

    [Theory]
    [InlineData("0-7:1/2", "0,2,4,6")]
    [InlineData("0-9:2/5", "0-1,5-6")]
    [InlineData("3-11:3/4", "3-5,7-9,11")]
    [InlineData("0-7:4/4", "0-7")]
    [InlineData("0-7:0/2", "")]
    [InlineData("0-7:1/2,1", "0-2,4,6")]
    [InlineData("2-9:3/2147483647", "2-4")]
    [InlineData("0-9:2147483647/2147483647", "0-9")]
    [InlineData("1048570-1048575:1/5", "1048570,1048575")]
    public void Groups_take_the_first_cpus_of_each(string list, string printed) =>
        Assert.Equal(printed, CpuSet.Parse(list).ToString());

    [Fact]
    public void The_largest_list_with_groups_has_every_second_cpu() =>
        Assert.Equal((CpuSet.HighestId + 1) / 2, CpuSet.Parse("0-1048575:1/2").Count);

    [Theory]
    [InlineData("x", 1, "'x' stands where a CPU id is expected")]
    [InlineData("-1", 1, "'-' stands where a CPU id is expected")]
    [InlineData("0-", 3, "the list ends where the last CPU id of a range is expected")]
    [InlineData("0-,1", 3, "',' stands where the last CPU id")]
    [InlineData("4-2", 1, "range 4-2 runs backwards")]
    [InlineData("0,9-8", 3, "range 9-8 runs backwards")]
    [InlineData("1.5", 2, "'.' stands where ',' or '-' is expected")]
    [InlineData("0-3-5", 4, "'-' stands where ',' or ':' is expected")]
    [InlineData("1:1/2", 2, "':' stands where ',' or '-' is expected")]
    [InlineData("0-3:1", 6, "the list ends where '/' is expected")]
    [InlineData("0-3:/2", 5, "how many CPUs of a group to use")]
    [InlineData("0-3:1/", 7, "the size of a group")]
    [InlineData("0-3:3/2", 5, "3/2 takes more CPUs than a group has")]
    [InlineData("0-3:0/0", 5, "0/0 takes more CPUs than a group has, or from groups of none")]
    [InlineData("0-3:1/2x", 8, "'x' stands where ','")]
    [InlineData("1048576", 1, "a CPU id is above 1048575")]
    [InlineData("0-99999999999999999999999", 3, "the last CPU id of a range is above 1048575")]
    [InlineData("0-3:1/99999999999", 7, "the size of a group is above 2147483647")]
    [InlineData("0\n1", 2, "'\\u000a' stands")]
    [InlineData("all", 1, "'a' stands")]
    [InlineData("0-N", 3, "'N' stands")]
    [InlineData("\u0661", 1, "stands where a CPU id is expected")]
    public void A_bad_list_is_refused_with_the_place_and_the_problem(string list, int character, string problem)
    {
        var refusal = Assert.Throws<FormatException>(() => CpuSet.Parse(list));
        Assert.Contains($"at character {character}, ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
        Assert.False(CpuSet.TryParse(list, out CpuSet? none));
        Assert.Null(none);
    }

    [Fact]
    public void Null_is_no_list()
    {
        Assert.False(CpuSet.TryParse(null, out _));
        Assert.Throws<ArgumentNullException>(() => CpuSet.Parse(null!));
    }

    [Fact]
    public void Random_sets_survive_being_printed_and_read()
    {
        var random = new Random(7);
        for (int round = 0; round < 500; round++)
        {
            int highest = random.Next(1, 6000);
            int[] ids = [.. Enumerable.Range(0, random.Next(0, 200)).Select(_ => random.Next(highest))];
            CpuSet cpus = CpuSet.Of(ids);
            Assert.True(CpuSet.TryParse(cpus.ToString(), out CpuSet? again));
            Assert.Equal(cpus, again);
            Assert.Equal(ids.Distinct().Order(), again);
        }
    }

    [Fact]
    public void Random_garbage_is_refused_or_read_but_never_fails_otherwise()
    {
        const string alphabet = "0123456789,,--::// \n\taN";
        var random = new Random(11);
        for (int round = 0; round < 20_000; round++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(0, 14)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            if (CpuSet.TryParse(text, out CpuSet? cpus))
                Assert.Equal(cpus, CpuSet.Parse(cpus.ToString()));
        }
    }
}
