using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests;

public sealed class ProcessCpusTests : IDisposable
{
    /// <summary>A CPU that another test takes offline leaves every mask that is read.</summary>
    private readonly IDisposable _machine = MachineLock.Shared();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_thread_that_is_pinned_takes_nothing_away_from_the_process() => new OtherThread(() =>
    {
        CpuSet found = CpuAffinity.Current;
        using (CpuAffinity.Pin(found.First))
            Assert.Equal(found, ProcessCpus.Read());
    }).Join();

    [Fact]
    public void A_thread_that_is_pinned_can_be_given_all_of_them() => new OtherThread(() =>
    {
        CpuSet process = ProcessCpus.Read();
        CpuAffinity.Pin(process.First);
        Assert.Equal(0, ProcessCpus.GiveToCallingThread(process));
        Assert.Equal(process, CpuAffinity.Current);
    }).Join();

    [Fact]
    public async Task Threads_that_end_while_they_are_asked_are_passed_over()
    {
        using CancellationTokenSource over = new();
        Task coming = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
                new OtherThread(static () => { }).Join();
        });
        CpuSet process = ProcessCpus.Read();
        for (int i = 0; i < 300; i++)
            Assert.Equal(process, ProcessCpus.Read());

        await over.CancelAsync();
        await coming;
    }
}
