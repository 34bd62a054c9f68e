namespace PerfRing.Tests.Consumers;

public sealed class ArrivalGapsTests
{
    private const long Budget = 50_000;

    [Fact]
    public void Short_gaps_are_spun_through()
    {
        ArrivalGaps gaps = new(Budget);
        for (int i = 0; i < 100; i++)
            gaps.Learn(10_000);

        Assert.InRange(gaps.NextSpin(), 18_000, 20_000);
    }

    [Fact]
    public void No_spin_is_longer_than_the_budget()
    {
        ArrivalGaps gaps = new(Budget);
        for (int i = 0; i < 100; i++)
            gaps.Learn(45_000);

        Assert.Equal(Budget, gaps.NextSpin());
    }

    [Fact]
    public void Long_gaps_are_slept_through_but_for_a_trial_now_and_then()
    {
        ArrivalGaps gaps = new(Budget);
        int spins = 0;
        for (int i = 0; i < 640; i++)
        {
            if (gaps.NextSpin() > 0)
                spins++;

            gaps.Learn(10_000_000);
        }

        Assert.InRange(spins, 5, 30);
    }

    [Fact]
    public void A_long_silence_is_forgotten_soon()
    {
        ArrivalGaps gaps = new(Budget);
        gaps.Learn(long.MaxValue / 2);
        int until = 0;
        while (gaps.NextSpin() == 0)
        {
            gaps.Learn(10_000);
            until++;
        }

        Assert.InRange(until, 0, 8);
    }
}
