using CsCheck;

namespace PerfRing.Tests.Consumers;

/// <summary>Stamps in any order at all, far from what rings hold: also then the order is that of a sort.</summary>
public sealed class MergeTournamentTests
{
    private static readonly Gen<int> Runs = Gen.Int[1, 9];

    /// <summary>Few values, so that many are equal; more records than a run moves.</summary>
    private static readonly Gen<(int Run, ulong Time)[]> Arrivals =
        Gen.Select(Gen.Int[0, 8], Gen.ULong[1, 300]).Array[0, 600];

    [Fact]
    public void Any_stamps_come_out_sorted_and_equal_ones_in_the_order_of_arrival() =>
        Gen.Select(Runs, Arrivals, Gen.ULong[0, 300]).Sample(
            static (count, arrivals, due) =>
            {
                SortedRun[] runs = [.. Enumerable.Range(0, count).Select(static _ => new SortedRun())];
                MergeTournament tournament = new(runs);
                List<MergeEntry> entries = [];
                foreach ((int run, ulong time) in arrivals)
                {
                    MergeEntry entry = new(time, (ulong)entries.Count);
                    entries.Add(entry);
                    if (!runs[run % count].TryAdd(time, entry.Position))
                        tournament.AddStray(entry);
                }

                entries.Sort();
                List<MergeEntry> output = [];
                MergeLimit unlimited = new(null!, new RecordAllowance(long.MaxValue, long.MaxValue));
                Assert.Equal(entries.Count == 0 ? ulong.MaxValue : entries[0].Time, tournament.Begin());
                Assert.True(tournament.Take(due, ref unlimited, output));
                Assert.Equal(entries.Where(entry => entry.Time <= due), output);

                output.Clear();
                tournament.Begin();
                Assert.True(tournament.Take(ulong.MaxValue, ref unlimited, output));
                Assert.Equal(entries.Where(entry => entry.Time > due), output);
            },
            iter: 500);

    [Fact]
    public void What_is_put_back_comes_first_again()
    {
        SortedRun run = new();
        for (ulong i = 100; i < 180; i++)
            Assert.True(run.TryAdd(i, i));

        MergeEntry[] before = [.. Enumerable.Range(0, 100).Select(static i => new MergeEntry((ulong)i, (ulong)i))];
        run.PutBack(before);
        for (ulong i = 0; i < 180; i++)
        {
            Assert.Equal(i, run.First.Time);
            run.RemoveFirst();
        }

        Assert.True(run.IsEmpty);
    }
}
