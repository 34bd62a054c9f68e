using System.IO.Pipes;
using System.Runtime.CompilerServices;
using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.Tests.Staging;

/// <summary>The life of the native thread. Alone: it counts the threads of this process by their name.</summary>
[Collection(Alone)]
public sealed class StagingThreadTests
{
    internal const string Alone = "the only staging threads of the process";

    private const string ThreadName = "perfring-stage";

    [Fact]
    public void It_has_a_name_takes_no_signals_and_runs_where_it_is_told()
    {
        int cpu = MachineCpus.Online()[0];
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(
            kernel, options: StagedFake.OnePage with { Cpus = CpuSet.Of(cpu) });
        string status = File.ReadAllText(Path.Combine(Assert.Single(Threads()), "status"));
        Assert.Contains($"Cpus_allowed_list:\t{cpu}\n", status, StringComparison.Ordinal);

        // All but SIGKILL and SIGSTOP, which can't be, and those with which the C library reaches every thread.
        Assert.Contains("SigBlk:\tfffffffe7ffbfeff\n", status, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cpu_that_is_not_there_is_refused()
    {
        using FakePerfRing kernel = new();
        SystemCallException refusal = Assert.Throws<SystemCallException>(() => StagedFake.Of(
            kernel, options: StagedFake.OnePage with { Cpus = CpuSet.Of(1_000) }));
        Assert.Equal(Errno.EINVAL, refusal.Errno);
        UntilNoneIsLeft();
    }

    [Fact]
    public void A_thousand_readers_leave_nothing_behind()
    {
        ProcessResources before = default;
        for (int round = 0; round < 1_000; round++)
        {
            using FakePerfRing kernel = new(pages: 4);
            StagedFake staged = StagedFake.Of(kernel, options: new StagingOptions { Capacity = 16 * Environment.SystemPageSize });
            kernel.WriteNumbers(0, 50);

            // Disposed while it moves, before, and after.
            staged.Announce();
            Thread.SpinWait(round * 37 % 5_000);
            staged.Dispose();

            // The runtime maps memory of its own in the beginning.
            if (round == 500)
                before = ProcessResources.Now();
        }

        ProcessResources after = ProcessResources.Now();
        UntilNoneIsLeft();

        // One of each of the last five hundred rounds would be more than the runtime and the tests beside this one open meanwhile.
        Assert.InRange(after.Descriptors, 0, before.Descriptors + 200);
        Assert.InRange(after.Mappings, 0, before.Mappings + 200);
    }

    [Fact]
    public void A_batch_that_is_out_keeps_the_memory_and_the_thread_until_it_ends()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 3);
        staged.Stage();
        using (RecordBatch batch = staged.Reader.Read(TimeSpan.Zero))
        {
            staged.Reader.Dispose();
            Assert.Single(Threads());
            Assert.Equal([1, 2, 3], Shown.Numbers(batch));
        }

        UntilNoneIsLeft();
    }

    [Fact]
    public void The_thread_of_a_reader_that_was_forgotten_ends_before_its_memory_goes()
    {
        for (int i = 0; i < 20; i++)
            Forget();

        Wait.Until(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return Threads().Length == 0;
            },
            "the finalizers",
            seen: () => $"{Threads().Length} threads");
    }

    [Fact]
    public void What_a_task_left_comes_before_the_end()
    {
        for (int round = 0; round < 200; round++)
        {
            using AnonymousPipeServerStream task = new(PipeDirection.Out);
            using Descriptor announcer = Descriptor.Duplicate((int)task.ClientSafePipeHandle.DangerousGetHandle());
            using FakePerfRing kernel = new();
            using FakeReader reader = FakeReader.Staged(
                StagedFake.Never, StagedFake.OnePage, announcer, endsWithTasks: true, (kernel.Kernel(), kernel.Origin));
            Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));

            // More than the staging ring holds at once: the rest is in the kernel's ring when the task ends.
            kernel.WriteNumbers(1, 90);
            reader.Flush();
            Assert.Equal(90, UntilFlushed(reader));
            kernel.WriteNumbers(91, 180);
            reader.Flush();
            using (RecordBatch first = reader.Read(TimeSpan.FromSeconds(10), ReadBudget.OfRecords(1), CancellationToken.None))
            {
                Assert.Equal([91], Shown.Numbers(first));

                // The thread publishes what it has moved before it gives the kernel's memory back.
                Wait.Until(() => kernel.Tail == kernel.Head, "the thread to give back what it moved");
                kernel.WriteNumbers(181, 270);
                task.Dispose();
            }

            List<long> read = [];
            while (true)
            {
                using RecordBatch batch = reader.Read();
                if (batch.Status == ReadStatus.Completed)
                    break;

                read.AddRange(Shown.Numbers(batch));
            }

            Assert.Equal(179, read.Count);
        }
    }

    /// <summary>How many records come before the flush is reported: in several batches, if the thread was looking while they were
    /// written.</summary>
    private static int UntilFlushed(RingReader reader)
    {
        int records = 0;
        while (true)
        {
            using RecordBatch batch = reader.Read(TimeSpan.FromSeconds(10));
            if (batch.Status == ReadStatus.Flushed)
                return records;

            records += Shown.Numbers(batch).Count;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget()
    {
        FakePerfRing kernel = new();
        FakeReader reader = FakeReader.Staged(
            Wakeup.Polled.Within(TimeSpan.FromTicks(100)), StagedFake.OnePage, null, endsWithTasks: false,
            (kernel.Kernel(), kernel.Origin));
        kernel.WriteNumbers(1, 3);
        reader.UntilAllIsStaged();
    }

    /// <summary>Joining a thread returns when it has ended, and the kernel takes it off the list a little later.</summary>
    private static void UntilNoneIsLeft() => Wait.Until(() => Threads().Length == 0, "the threads to be gone");

    private static string[] Threads() =>
        [.. Directory.GetDirectories("/proc/self/task").Where(static task => NameOf(task) == ThreadName)];

    private static string? NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            // It ended between the listing and the look.
            return null;
        }
    }
}

/// <summary>Nothing else runs meanwhile.</summary>
[CollectionDefinition(StagingThreadTests.Alone, DisableParallelization = true)]
public sealed class OnlyStagingThreads;
