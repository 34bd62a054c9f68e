using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Async;

/// <summary>What can be asked only of a whole process: what it allocates, how many threads its pool has, and how it ends.</summary>
[Collection(Machine.Name)]
public sealed class AwaitingProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [KernelTheory(Needs.PerfEvents)]
    [InlineData("await-announced")]
    [InlineData("await-pinned")]
    [InlineData("await-by-the-clock")]
    [InlineData("await-read-all")]
    public void A_wait_that_really_suspends_allocates_nothing_in_the_whole_process(string what)
    {
        Assert.Equal("suspended 2000 of 2000, 0 bytes", Run(what));
    }

    [KernelTheory(Needs.PerfEvents | Needs.TwoCpus)]
    [InlineData("await-affinity")]
    [InlineData("await-affinity-of-the-start")]
    public void A_pinned_poller_leaves_every_other_thread_of_the_process_unpinned(string what)
    {
        Assert.Equal("narrowed: pinned poller", Run(what));
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_thousand_waiting_readers_block_no_thread_of_a_pool_of_the_fewest()
    {
        Assert.Equal("the pool ran, 1000 were woken", Run("await-few-threads"));
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_process_ends_at_once_with_waits_outstanding()
    {
        Assert.Equal("waiting", Run("await-and-exit"));
    }

    private static string Run(string what)
    {
        ProcessStartInfo start = new(
            "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "PerfRing.Testing.Peer.dll"), what])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        bool ended = process.WaitForExit(Patience);
        if (!ended)
            process.Kill();

        Assert.True(ended, $"'{what}' did not end");
        Assert.Equal(0, process.ExitCode);
        return output.Result.Trim();
    }
}
