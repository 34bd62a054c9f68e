using System.Numerics;

namespace PerfRing.Tests;

public class CpuSetTests
{
    [Fact]
    public void A_set_of_ids_holds_each_once_in_ascending_order() =>
        Assert.Equal([0, 3, 64, 1025], (IEnumerable<int>)CpuSet.Of(64, 3, 0, 1025, 3));

    [Fact]
    public void A_collection_expression_makes_a_set()
    {
        CpuSet cpus = [2, 0];
        Assert.Equal("0,2", cpus.ToString());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 63)]
    [InlineData(63, 64)]
    [InlineData(5, 200)]
    [InlineData(64, 127)]
    [InlineData(1_048_575, 1_048_575)]
    public void A_range_holds_both_ends_and_what_lies_between(int first, int last) =>
        Assert.Equal(Enumerable.Range(first, last - first + 1), CpuSet.Range(first, last));

    [Fact]
    public void A_range_that_runs_backwards_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>("last", () => CpuSet.Range(2, 1));

    [Theory]
    [InlineData(-1)]
    [InlineData(1_048_576)]
    [InlineData(int.MinValue)]
    public void An_id_out_of_range_is_refused_by_of_and_in_no_set(int cpu)
    {
        Assert.Throws<ArgumentOutOfRangeException>("cpus", () => CpuSet.Of(cpu));
        Assert.False(CpuSet.Range(0, CpuSet.HighestId).Contains(cpu));
    }

    [Fact]
    public void Contains_tells_members_from_gaps()
    {
        CpuSet cpus = CpuSet.Of(0, 63, 64, 4097);
        Assert.All([0, 63, 64, 4097], cpu => Assert.True(cpus.Contains(cpu)));
        Assert.All([1, 62, 65, 4096, 4098, 100_000], cpu => Assert.False(cpus.Contains(cpu)));
    }

    [Fact]
    public void The_empty_set_has_no_cpu_and_no_first()
    {
        Assert.Empty(CpuSet.Empty);
        Assert.Equal("", CpuSet.Empty.ToString());
        Assert.Throws<InvalidOperationException>(() => CpuSet.Empty.First);
    }

    [Fact]
    public void First_is_the_lowest_id() => Assert.Equal(70, CpuSet.Of(5000, 70, 71).First);

    [Fact]
    public void Set_operations_agree_with_those_of_a_hash_set()
    {
        var random = new Random(20240611);
        for (int round = 0; round < 200; round++)
        {
            int[] left = Draw(random), right = Draw(random);
            CpuSet a = CpuSet.Of(left), b = CpuSet.Of(right);
            Assert.Equal(left.Union(right).Order(), a.Union(b));
            Assert.Equal(left.Intersect(right).Order(), a.Intersect(b));
            Assert.Equal(left.Except(right).Order(), a.Except(b));
            Assert.Equal(left.Distinct().Count(), a.Count);
        }
    }

    [Fact]
    public void Sets_with_the_same_ids_are_equal_however_they_came_about()
    {
        CpuSet made = CpuSet.Of(1, 2, 9000).Except(CpuSet.Of(9000));
        Assert.Equal(CpuSet.Range(1, 2), made);
        Assert.True(CpuSet.Range(1, 2) == made);
        Assert.Equal(CpuSet.Range(1, 2).GetHashCode(), made.GetHashCode());
    }

    [Fact]
    public void Sets_with_different_ids_differ()
    {
        Assert.True(CpuSet.Of(1) != CpuSet.Of(2));
        Assert.False(CpuSet.Of(1).Equals((CpuSet?)null));
        Assert.False(CpuSet.Of(1).Equals((object)"1"));
    }

    [Fact]
    public void Words_have_a_bit_for_each_cpu_and_no_zero_at_the_end()
    {
        CpuSet cpus = CpuSet.Of(0, 64, 65, 700).Except(CpuSet.Of(700));
        Assert.Equal([1UL, 3UL], cpus.Words.ToArray());
        Assert.Equal(3, cpus.Words.ToArray().Sum(BitOperations.PopCount));
    }

    [Fact]
    public void A_mask_of_the_kernel_becomes_a_set_without_the_words_beyond() =>
        Assert.Equal("1,64", CpuSet.FromWords([2, 1, 0, 0]).ToString());

    [Fact]
    public void Walking_a_set_allocates_nothing()
    {
        CpuSet cpus = CpuSet.Range(0, 5000);
        long sum = Sum(cpus);
        long before = GC.GetAllocatedBytesForCurrentThread();
        sum -= Sum(cpus);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, sum);
    }

    private static long Sum(CpuSet cpus)
    {
        long sum = 0;
        foreach (int cpu in cpus)
            sum += cpu;

        return sum;
    }

    private static int[] Draw(Random random)
    {
        int highest = random.Next(1, 3000);
        return [.. Enumerable.Range(0, random.Next(0, 60)).Select(_ => random.Next(highest))];
    }
}
