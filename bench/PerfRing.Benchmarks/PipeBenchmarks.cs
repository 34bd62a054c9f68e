using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;

namespace PerfRing.Benchmarks;

/// <summary>Records of 64 bytes in a ring, read through the pipe over its memory, against copying them into a
/// <see cref="Pipe"/> and reading them there.</summary>
/// <remarks>Both begin with a full shared ring, both hand each record's bytes to the same sum. The copy costs the pipe its write
/// and its flush, as it would a program that has records and wants a PipeReader.</remarks>
[MemoryDiagnoser]
public class PipeBenchmarks
{
    private const int Capacity = 1 << 20;
    private const int Payload = 64;
    private const int HeaderLength = 8;
    private const int RecordLength = HeaderLength + Payload;

    /// <summary>A multiple of every number of records a read.</summary>
    private const int Records = 14_336;

    private readonly byte[] _payload = new byte[Payload];
    private SharedRing _ring = null!;
    private SharedRingWriter _writer = null!;
    private SharedRingReader _reader = null!;
    private PipeReader _ringPipe = null!;
    private Pipe _pipe = null!;

    /// <summary>How many records each read takes.</summary>
    [Params(1, 16, 256)]
    public int RecordsARead { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _ring = SharedRing.CreateAnonymous(new SharedRingOptions { Capacity = Capacity, Producers = SharedRingProducers.One });
        _writer = _ring.OpenWriter();
        _reader = SharedRingReader.Open(_ring);
        _ringPipe = _reader.AsPipeReader();
        _pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    }

    [GlobalCleanup]
    public void Close()
    {
        _ringPipe.Complete();
        _reader.Dispose();
        _writer.Dispose();
        _ring.Dispose();
    }

    [IterationSetup]
    public void Fill()
    {
        for (int i = 0; i < Records; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_payload, i);
            if (!_writer.TryWrite(_payload))
                throw new InvalidOperationException("The ring is not empty.");
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public async Task<long> OverRingMemory()
    {
        long sum = 0;
        for (int read = 0; read < Records; read += RecordsARead)
        {
            ReadResult result = await _ringPipe.ReadAsync().ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer.Slice(0, (long)RecordsARead * RecordLength);
            sum += Sum(buffer.FirstSpan);
            _ringPipe.AdvanceTo(buffer.End);
        }

        return Check(sum);
    }

    /// <summary>The same, walked by the reader of records, which knows nothing of their size.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public async Task<long> OverRingMemoryRecordByRecord()
    {
        long sum = 0;
        for (int read = 0; read < Records; read += RecordsARead)
        {
            ReadResult result = await _ringPipe.ReadAsync().ConfigureAwait(false);
            _ringPipe.AdvanceTo(SumRecords(result.Buffer, ref sum));
        }

        return Check(sum);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public async Task<long> CopiedIntoAPipe()
    {
        long sum = 0;
        for (int read = 0; read < Records; read += RecordsARead)
        {
            Copy();
            await _pipe.Writer.FlushAsync().ConfigureAwait(false);
            ReadResult result = await _pipe.Reader.ReadAsync().ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                sum += Sum(segment.Span);

            _pipe.Reader.AdvanceTo(result.Buffer.End);
        }

        return Check(sum);
    }

    private void Copy()
    {
        Span<byte> into = _pipe.Writer.GetSpan(RecordsARead * RecordLength);
        int length = 0;
        using RecordBatch batch = _reader.Read(TimeSpan.Zero, ReadBudget.OfRecords(RecordsARead), CancellationToken.None);
        foreach (Record record in batch)
        {
            record.Bytes.CopyTo(into[length..]);
            length += RecordLength;
        }

        _pipe.Writer.Advance(length);
    }

    private SequencePosition SumRecords(in ReadOnlySequence<byte> buffer, ref long sum)
    {
        RecordSequenceReader records = _reader.RecordsIn(buffer);
        for (int i = 0; i < RecordsARead && records.TryRead(out Record record); i++)
            sum += BinaryPrimitives.ReadInt32LittleEndian(record.Payload);

        return records.Position;
    }

    private static long Sum(ReadOnlySpan<byte> records)
    {
        long sum = 0;
        for (; records.Length >= RecordLength; records = records[RecordLength..])
            sum += BinaryPrimitives.ReadInt32LittleEndian(records[HeaderLength..]);

        return sum;
    }

    private static long Check(long sum) => sum == (long)Records * (Records - 1) / 2
        ? sum
        : throw new InvalidOperationException($"The sum is {sum}: something was not read.");
}
