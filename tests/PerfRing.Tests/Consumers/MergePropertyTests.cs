using CsCheck;

namespace PerfRing.Tests.Consumers;

/// <summary>Whatever is written, in whatever order, and however it is read: a merge does what a plain sort would.</summary>
public sealed class MergePropertyTests
{
    private const int Scripts = 2_000;
    private const int HoldBack = 10_000;

    /// <summary>Mostly stamped when written; inversions inside a ring; records that are late; stamps ahead, some of them beyond belief.</summary>
    private static readonly Gen<long> Age = Gen.Frequency(
        (12, Gen.Long[0, 500]),
        (6, Gen.Long[0, HoldBack]),
        (3, Gen.Long[HoldBack, 4 * HoldBack]),
        (1, Gen.Long[-1_000, 0]),
        (1, Gen.Long[-20_000_000, -15_000_000]));

    private static readonly Gen<MergeStep> Write = Gen.Select(
        Gen.Int[0, 3], Age, Gen.Int[8, 120], static (ring, age, size) => new MergeStep(MergeAction.Write, ring, age, size));

    private static readonly Gen<MergeStep> Pass = Gen.Long[1, HoldBack].Select(
        static time => new MergeStep(MergeAction.Pass, 0, time, 0));

    private static readonly Gen<MergeStep> Read = Gen.Select(
        Gen.Frequency((3, Gen.Const(0L)), (1, Gen.Long[1, 20])),
        Gen.Frequency((5, Gen.Const(int.MaxValue)), (1, Gen.Int[0, 10])),
        static (most, visits) => new MergeStep(MergeAction.Read, 0, most, visits));

    private static readonly Gen<MergeStep> Flush = Gen.Const(new MergeStep(MergeAction.Flush, 0, 0, 0));

    private static readonly Gen<MergeStep> Damage = Gen.Int[0, 2].Select(
        static ring => new MergeStep(MergeAction.Damage, ring, 0, 0));

    private static readonly Gen<MergeOptions> Options = Gen.Select(
        Gen.OneOf(Gen.Const(0), Gen.Const(HoldBack), Gen.Const(3 * HoldBack)),
        Gen.OneOf(Gen.Const(4096), Gen.Const(6000), Gen.Const(1 << 20)),
        Gen.OneOf(Gen.Const(LateRecords.DeliverMarked), Gen.Const(LateRecords.CountAsLost)),
        static (holdBack, bytes, late) => new MergeOptions
        {
            HoldBack = TimeSpan.FromTicks(holdBack / 100),
            MaximumBytes = bytes,
            Late = late,
        });

    [Fact]
    public void A_merge_delivers_what_a_plain_sort_of_what_it_holds_says() =>
        Check(Gen.Frequency((30, Write), (4, Pass), (4, Read), (1, Flush)));

    [Fact]
    public void Gaps_keep_their_place_in_their_ring() =>
        Check(Gen.Frequency((20, Write), (3, Pass), (4, Read), (1, Flush), (2, Damage)));

    [Fact]
    public void Rings_that_overflow_lose_what_they_say_and_no_more() =>
        Check(Gen.Frequency((120, Write), (4, Pass), (3, Read)));

    private static void Check(Gen<MergeStep> steps)
    {
        long late = 0;
        long lost = 0;
        long early = 0;
        long unstamped = 0;
        Gen.Select(Options, Gen.Int[1, 3], steps.Array[0, 400]).Sample(
            (options, rings, script) =>
            {
                using MergeScript played = new(options, rings);
                played.Play(script);
                Interlocked.Add(ref late, played.Merged.Late);
                Interlocked.Add(ref lost, played.Merged.LateLost);
                Interlocked.Add(ref early, played.Merged.ReleasedEarly);
                Interlocked.Add(ref unstamped, played.Merged.Unstamped);
            },
            iter: Scripts);

        // Scripts in which nothing of this happened would have shown nothing.
        Assert.All([late, lost, early, unstamped], static count => Assert.NotEqual(0, count));
    }
}
