using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using PerfRing.KernelTests.Drops;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Pipes;

/// <summary>CopyToAsync with back pressure: what docs/pipe-reader.md says of a consumer that stalls.</summary>
[Collection(Machine.Name)]
public sealed class StalledCopyTests
{
    private const int Rounds = 20;
    private const int MoreThanFits = 1_000;

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task Perf_rings_lose_while_the_writer_stalls_and_each_loss_has_its_place_and_is_counted()
    {
        using BpfOutput output = new(BpfOutput.OnePage with
        {
            Fields = SampleFields.Raw | SampleFields.Cpu,
            Wakeup = Wakeup.Immediate,
        });
        await RunAsync(output.Reader, output.Program, MachineCpus.Online(), hasNotices: true);
    }

    [KernelFact(Needs.Bpf)]
    public async Task A_BPF_ring_loses_while_the_writer_stalls_and_its_program_counts()
    {
        using CountedRing ring = new();
        using BpfRingReader reader = ring.Open();
        await RunAsync(reader, ring.Program, [MachineCpus.Online()[0]], hasNotices: false);
    }

    [KernelFact(Needs.Bpf)]
    public async Task A_copy_that_a_flush_ends_leaves_the_rest_in_the_ring_and_one_that_stalls_consumes_nothing()
    {
        const int InFirstWrite = 20;
        int cpu = MachineCpus.Online()[0];
        using CountedRing ring = new();
        using BpfRingReader reader = ring.Open();
        Pipe target = Stalling();
        ring.Emit(cpu, InFirstWrite);
        Task copying = reader.AsPipeReader().CopyToAsync(target.Writer);
        Copies copies = new(reader, hasNotices: false);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        await PeekAsync(target.Reader, patience.Token);

        // A ring whose first records were copied and not consumed takes no more than one of which none was.
        using CountedRing other = new();
        other.Emit(cpu, MoreThanFits);
        ring.Emit(cpu, MoreThanFits);
        long accepted = ring.Program.Counts(cpu).Accepted;
        Assert.Equal(other.Program.Counts(cpu).Accepted, accepted);

        reader.Flush();
        copies.Take(target.Reader, await target.Reader.ReadAsync(patience.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying.WaitAsync(patience.Token));
        Assert.False(patience.IsCancellationRequested);
        Assert.Equal(InFirstWrite, copies.Delivered);
        Assert.Equal(accepted - InFirstWrite, Records.Drain(reader));
    }

    private static Pipe Stalling() =>
        new(new PipeOptions(pauseWriterThreshold: 64, resumeWriterThreshold: 32, useSynchronizationContext: false));

    private static async Task RunAsync(RingReader reader, BpfOutputProgram program, int[] cpus, bool hasNotices)
    {
        Pipe target = Stalling();
        Copies copies = new(reader, hasNotices);

        // Written before, so that they are in one result: the copy goes as far as its write, and stays there.
        program.Emit(cpus[0], 8, 20);
        Task copying = reader.AsPipeReader().CopyToAsync(target.Writer);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        long before = await PeekAsync(target.Reader, patience.Token);
        foreach (int cpu in cpus)
            program.Emit(cpu, 8, MoreThanFits);

        Assert.All(cpus, cpu => Assert.NotEqual(0, program.Counts(cpu).Refused));
        Assert.Equal(cpus.Sum(cpu => program.Counts(cpu).Refused), (long)reader.ReadLosses().Lost!);
        Assert.Equal(before, await PeekAsync(target.Reader, patience.Token));
        Assert.False(copying.IsCompleted);

        for (int round = 0; round < Rounds; round++)
        {
            // What was refused in this round is noticed in the next, or never.
            while (copies.Delivered + (long)reader.ReadLosses().Lost! < cpus.Sum(cpu => program.Counts(cpu).Attempts))
                copies.Take(target.Reader, await target.Reader.ReadAsync(patience.Token));

            foreach (int cpu in cpus)
                program.Emit(cpu, 8 + round, MoreThanFits / 3 * (1 + (round % 3)));
        }

        while (copies.Delivered < cpus.Sum(cpu => program.Counts(cpu).Accepted))
            copies.Take(target.Reader, await target.Reader.ReadAsync(patience.Token));

        reader.Dispose();
        await copying.WaitAsync(patience.Token);
        await target.Writer.CompleteAsync();
        ReadResult last = await target.Reader.ReadAsync(patience.Token);
        Assert.True(last.IsCompleted);
        Assert.Equal(0, last.Buffer.Length);
        Assert.All(cpus, cpu => Assert.Equal(program.Counts(cpu).Accepted, copies.Of(hasNotices ? cpu : -1)));
    }

    /// <summary>Waits for bytes, and leaves them unexamined: the writer does not go on.</summary>
    private static async Task<long> PeekAsync(PipeReader copy, CancellationToken cancellationToken)
    {
        ReadResult result = await copy.ReadAsync(cancellationToken);
        long length = result.Buffer.Length;
        copy.AdvanceTo(result.Buffer.Start);
        return length;
    }

    /// <summary>The records that came out at the other end.</summary>
    private sealed class Copies(RingReader reader, bool hasNotices)
    {
        private readonly Dictionary<int, long> _delivered = [];
        private readonly Dictionary<int, long> _next = [];

        internal long Delivered => _delivered.Values.Sum();

        internal long Of(int cpu) => _delivered.GetValueOrDefault(cpu);

        internal void Take(PipeReader copy, in ReadResult result)
        {
            ReadOnlySequence<byte> bytes = result.Buffer;
            RecordSequenceReader records = reader.RecordsIn(bytes);
            while (records.TryRead(out Record record))
                Take(record);

            copy.AdvanceTo(records.Position, bytes.End);
        }

        private void Take(in Record record)
        {
            long next = _next.GetValueOrDefault(record.Cpu);
            if (record.Kind == RecordKind.Lost)
            {
                _next[record.Cpu] = next + (long)record.LostCount;
                return;
            }

            Assert.Equal(RecordKind.Sample, record.Kind);
            long number = BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
            Assert.True(
                hasNotices ? number == next : number >= next,
                $"record {number} of CPU {record.Cpu} came where {next} was due");
            _next[record.Cpu] = number + 1;
            _delivered[record.Cpu] = _delivered.GetValueOrDefault(record.Cpu) + 1;
        }
    }
}
