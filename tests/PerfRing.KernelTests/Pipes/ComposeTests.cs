using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PerfRing.KernelTests.Readers;
using PerfRing.Samples;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Pipes;

/// <summary>From the kernel to a peer: the sample pipe-to-socket.</summary>
[Collection(Machine.Name)]
public sealed class ComposeTests
{
    private const long EnoughSwitches = 5_000;

    [KernelTheory(Needs.Tracepoints)]
    [InlineData(1 << 21, false)]
    [InlineData(1 << 12, true)]
    public async Task A_tracepoint_goes_as_JSON_over_a_socket_and_adds_up_to_the_kernels_count(int bufferSize, bool loses)
    {
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Tracepoint("sched:sched_switch"),
            new PerfEventReaderOptions
            {
                BufferSize = bufferSize,
                Fields = SampleFields.Time | SampleFields.Cpu | SampleFields.Raw,
                StartDisabled = true,
            });
        (TcpClient near, TcpClient far) = await ConnectAsync();
        using (near)
        using (far)
        {
            Arrivals arrivals = new(reader.Cpus);
            Task receiving = Task.Run(() => arrivals.ReceiveAsync(far.GetStream()));
            PipeWriter output = PipeWriter.Create(near.GetStream());
            reader.Enable();
            Task<long> sending = Task.Run(() => new SwitchesAsJson(reader).WriteAsync(output));
            using (Switching.OnEveryCpu())
            {
                Wait.Until(
                    () => (arrivals.Least >= EnoughSwitches && (!loses || reader.ReadLosses().Lost > 0))
                        || sending.IsCompleted || receiving.IsCompleted,
                    "switches of every CPU to arrive",
                    TimeSpan.FromSeconds(30));
            }

            reader.Disable();
            reader.Flush();
            long sent = await sending.WaitAsync(TimeSpan.FromSeconds(30));
            await output.CompleteAsync();
            await receiving.WaitAsync(TimeSpan.FromSeconds(30));

            Assert.Equal(sent, reader.Cpus.Sum(arrivals.Of));
            IReadOnlyList<PerfEventCount> counts = reader.ReadCounts();
            Assert.All(counts, count => Assert.Equal((long)count.Value, arrivals.Of(count.Cpu) + (long)count.Lost!.Value));
            Assert.Equal((ulong)counts.Sum(count => (long)count.Lost!.Value), reader.ReadLosses().Lost);

            // That a large ring loses nothing depends on the machine; that a page loses was waited for.
            Assert.True(!loses || reader.ReadLosses().Lost > 0);
        }
    }

    private static async Task<(TcpClient Near, TcpClient Far)> ConnectAsync()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        TcpClient near = new();
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        return (near, await listener.AcceptTcpClientAsync());
    }

    /// <summary>What the peer got of each CPU.</summary>
    private sealed class Arrivals(CpuSet cpus)
    {
        private readonly long[] _counts = new long[MachineCpus.IdLimit];
        private readonly ulong[] _times = new ulong[MachineCpus.IdLimit];

        internal long Least => cpus.Min(Of);

        internal long Of(int cpu) => Volatile.Read(ref _counts[cpu]);

        internal async Task ReceiveAsync(Stream stream)
        {
            using StreamReader lines = new(stream);
            while (await lines.ReadLineAsync() is { } line)
            {
                using JsonDocument parsed = JsonDocument.Parse(line);
                JsonElement record = parsed.RootElement;
                int cpu = record.GetProperty("cpu").GetInt32();
                ulong time = record.GetProperty("time").GetUInt64();
                Assert.True(time >= _times[cpu], $"a switch of CPU {cpu} at {time} came after one at {_times[cpu]}");
                Assert.NotEqual("", record.GetProperty("from").GetString());
                Assert.Equal(record.GetProperty("toId").GetInt64() == 0, IsIdle(record.GetProperty("to").GetString()!, cpu));
                _times[cpu] = time;
                Volatile.Write(ref _counts[cpu], _counts[cpu] + 1);
            }
        }

        private static bool IsIdle(string name, int cpu) => name == $"swapper/{cpu}";
    }
}
