using System.Runtime.ExceptionServices;
using PerfRing.Interop;

namespace PerfRing.Tests;

public class CpuAffinityTests
{
    [Fact]
    public void A_pinned_thread_may_run_on_that_cpu_only_and_gets_its_exact_mask_back() => OnAThreadOfItsOwn(() =>
    {
        ulong[] found = SavedAffinity.ReadMask();
        foreach (int cpu in CpuAffinity.Current)
        {
            using (CpuAffinity.Pin(cpu))
            {
                Assert.Equal(CpuSet.Of(cpu), CpuAffinity.Current);
                Assert.Equal(cpu, Thread.GetCurrentProcessorId());
            }

            Assert.Equal(found, SavedAffinity.ReadMask());
        }
    });

    [Fact]
    public void The_masks_word_for_word_match_what_proc_shows() => OnAThreadOfItsOwn(() =>
    {
        using CpuAffinity pinned = CpuAffinity.Pin(CpuAffinity.Current.First);
        Assert.Equal(AllowedList(), CpuAffinity.Current.ToString());
        pinned.Dispose();
        Assert.Equal(AllowedList(), CpuAffinity.Current.ToString());
    });

    [Fact]
    public void Nested_scopes_restore_what_each_found() => OnAThreadOfItsOwn(() =>
    {
        CpuSet found = CpuAffinity.Current;
        CpuSet outerCpu = CpuSet.Of(found.First);
        int innerCpu = found.Last();
        using (CpuAffinity.Pin(found.First))
        {
            // The outer binding doesn't bar the inner one: only online CPUs and the cpuset count.
            using (CpuAffinity.Pin(innerCpu))
                Assert.Equal(CpuSet.Of(innerCpu), CpuAffinity.Current);

            Assert.Equal(outerCpu, CpuAffinity.Current);
        }

        Assert.Equal(found, CpuAffinity.Current);
    });

    [Fact]
    public void A_second_dispose_does_nothing_also_through_a_copy() => OnAThreadOfItsOwn(() =>
    {
        CpuSet found = CpuAffinity.Current;
        CpuAffinity first = CpuAffinity.Pin(found.First);
        CpuAffinity copy = first;
        first.Dispose();
        using CpuAffinity second = CpuAffinity.Pin(found.First);
        first.Dispose();
        copy.Dispose();
        Assert.Equal(CpuSet.Of(found.First), CpuAffinity.Current);
    });

    [Fact]
    public void The_default_scope_does_nothing() => default(CpuAffinity).Dispose();

    [Fact]
    public void Another_thread_cannot_end_the_scope() => OnAThreadOfItsOwn(() =>
    {
        SavedAffinity saved = SavedAffinity.OfCallingThread();
        OnAThreadOfItsOwn(() =>
        {
            var refusal = Assert.Throws<InvalidOperationException>(saved.Restore);
            Assert.Contains("on the thread that pinned", refusal.Message, StringComparison.Ordinal);
        });
        saved.Restore();
    });

    [Theory]
    [InlineData(99_999)]
    [InlineData(CpuSet.HighestId)]
    public void A_cpu_that_the_machine_has_not_is_refused_with_the_remedy_and_changes_nothing(int cpu) => OnAThreadOfItsOwn(() =>
    {
        CpuSet found = CpuAffinity.Current;
        var refusal = Assert.Throws<SystemCallException>(() => CpuAffinity.Pin(cpu).Dispose());
        Assert.Equal("sched_setaffinity", refusal.Call);
        Assert.Equal("EINVAL", refusal.ErrnoName);
        Assert.Contains($"CPU {cpu} must be online", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(found, CpuAffinity.Current);
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(CpuSet.HighestId + 1)]
    public void An_id_out_of_range_is_refused_before_the_kernel_is_asked(int cpu) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(cpu), () => CpuAffinity.Pin(cpu).Dispose());

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(128)]
    [InlineData(16_384)]
    public void The_mask_grows_until_a_kernel_of_any_size_accepts_it(int kernelWords)
    {
        ulong[] mask = SavedAffinity.ReadMask((Span<ulong> room, out int words) =>
        {
            words = 0;
            if (room.Length < kernelWords)
                return -Errno.EINVAL;

            words = kernelWords;
            room[kernelWords - 1] = 1;
            return 0;
        });
        Assert.Equal(kernelWords, mask.Length);
        Assert.Equal((kernelWords - 1) * 64, CpuSet.FromWords(mask).First);
    }

    [Fact]
    public void A_kernel_that_accepts_no_size_is_not_asked_for_ever()
    {
        int asked = 0;
        var refusal = Assert.Throws<SystemCallException>(() => SavedAffinity.ReadMask((Span<ulong> room, out int words) =>
        {
            words = 0;
            asked = room.Length;
            return -Errno.EINVAL;
        }));
        Assert.Equal(128 * 1024 / sizeof(ulong), asked);
        Assert.Contains("1048576 CPUs", refusal.Message, StringComparison.Ordinal);
    }

    private static string AllowedList() => File.ReadLines("/proc/thread-self/status")
        .Single(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':')[1].Trim();

    /// <summary>Keeps a binding away from the pool thread that runs the tests, and brings a failure back to it.</summary>
    private static void OnAThreadOfItsOwn(Action test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                test();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
