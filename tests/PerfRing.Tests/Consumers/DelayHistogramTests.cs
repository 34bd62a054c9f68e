namespace PerfRing.Tests.Consumers;

public sealed class DelayHistogramTests
{
    [Fact]
    public void Nothing_counted_is_nothing_told()
    {
        DelayDistribution none = new DelayHistogram().Read();
        Assert.Equal((0, TimeSpan.Zero, TimeSpan.Zero), (none.Count, none.Highest, none.Percentile(0.99)));
        Assert.Empty(none.Buckets());
    }

    [Fact]
    public void Percentiles_are_those_of_the_sorted_values_to_an_eighth()
    {
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            DelayHistogram histogram = new();
            long[] values = new long[random.Next(1, 500)];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (long)Math.Exp(random.NextDouble() * 40);
                histogram.Count(values[i]);
            }

            Array.Sort(values);
            DelayDistribution seen = histogram.Read();
            Assert.Equal(values.Length, seen.Count);
            Assert.Equal(Ticks(values[^1]), seen.Highest.Ticks);
            foreach (double share in (double[])[0.001, 0.5, 0.9, 0.99, 1])
            {
                long exact = values[(int)Math.Ceiling(share * values.Length) - 1];

                // Never less than it was, and at most an eighth more.
                Assert.InRange(seen.Percentile(share).Ticks, Ticks(exact), Ticks(exact + exact / 8 + 1) + 1);
            }
        }
    }

    [Fact]
    public void Every_value_is_in_the_bucket_that_ends_behind_it()
    {
        for (int power = 0; power < 63; power++)
        {
            foreach (long value in (long[])[(1L << power) - 1, 1L << power, (1L << power) + 1])
            {
                DelayHistogram histogram = new();
                histogram.Count(value);
                Assert.Equal([(new TimeSpan(Ticks(value)), 1L)], histogram.Read().Buckets());
            }
        }
    }

    [Fact]
    public void Clocks_that_do_not_agree_count_as_nothing()
    {
        DelayHistogram histogram = new();
        histogram.Count(-5);
        Assert.Equal((1, TimeSpan.Zero), (histogram.Read().Count, histogram.Read().Highest));
    }

    [Fact]
    public void Distributions_add_up()
    {
        DelayHistogram one = new();
        DelayHistogram two = new();
        one.Count(1_000);
        two.Count(1_000_000);
        DelayDistribution sum = DelayDistribution.Sum([one.Read(), two.Read()]);
        Assert.Equal((2, TimeSpan.FromMilliseconds(1)), (sum.Count, sum.Highest));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_share_is_more_than_0_and_at_most_1(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DelayHistogram().Read().Percentile(share));

    private static long Ticks(long nanoseconds) => nanoseconds / TimeSpan.NanosecondsPerTick;
}
