using System.Diagnostics;
using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Pipes;

/// <summary>A pipe over the events of one process, which ends.</summary>
/// <remarks>The kernel hangs up the event of a task that exited, with records unread in its ring.</remarks>
[Collection(Machine.Name)]
public sealed class EndedProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [KernelFact(Needs.PerfEvents)]
    public async Task A_process_that_exits_completes_the_read_that_waits_after_its_records()
    {
        using Process child = Start();
        using PerfEventReader reader = Open(child);
        PipeReader pipe = reader.AsPipeReader();
        int seen = 0;
        Task reading = Task.Run(async () =>
        {
            ReadResult result;
            do
            {
                result = await pipe.ReadAsync();
                seen += Samples(reader, pipe, result);
            }
            while (!result.IsCompleted);
        });
        Assert.False(reading.IsCompleted);
        LetGo(child);
        await reading.WaitAsync(Patience);
        Assert.NotEqual(0, seen);
        Assert.Equal(0, reader.AvailableBytes);

        // It stays so, and no read waits.
        ValueTask<ReadResult> after = pipe.ReadAsync();
        Assert.True(after.IsCompleted);
        Assert.True((await after).IsCompleted);
    }

    [KernelFact(Needs.PerfEvents)]
    public async Task Records_of_a_process_that_exited_before_the_first_read_are_read_before_the_pipe_completes()
    {
        using Process child = Start();
        using PerfEventReader reader = Open(child);
        LetGo(child);
        await child.WaitForExitAsync().WaitAsync(Patience);
        PipeReader pipe = reader.AsPipeReader();

        // None is lost that was there when the process had gone.
        long available = reader.AvailableBytes;
        Assert.NotEqual(0, available);
        long read = 0;
        ReadResult result;
        do
        {
            result = await pipe.ReadAsync().AsTask().WaitAsync(Patience);
            read += result.Buffer.Length;
            Samples(reader, pipe, result);
        }
        while (!result.IsCompleted);

        Assert.Equal(available, read);
    }

    /// <summary>A process that gives the CPU away once between two lines that it waits for.</summary>
    private static Process Start() => Process.Start(
        new ProcessStartInfo("sh", ["-c", "read line; sleep 0.05; read line; true"]) { RedirectStandardInput = true })!;

    private static void LetGo(Process child)
    {
        child.StandardInput.WriteLine();
        child.StandardInput.WriteLine();
    }

    private static PerfEventReader Open(Process child) => PerfEventReader.Open(
        PerfEventSource.Software(SoftwareEvent.ContextSwitches),
        new PerfEventReaderOptions
        {
            ProcessId = child.Id,
            Fields = SampleFields.ThreadId | SampleFields.Cpu,
            Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan),
        });

    private static int Samples(PerfEventReader reader, PipeReader pipe, in ReadResult result)
    {
        int samples = 0;
        RecordSequenceReader records = reader.RecordsIn(result.Buffer);
        while (records.TryRead(out Record record))
            samples += record.Kind == RecordKind.Sample ? 1 : 0;

        pipe.AdvanceTo(records.Position, result.Buffer.End);
        return samples;
    }
}
