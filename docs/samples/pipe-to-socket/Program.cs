using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using PerfRing;
using PerfRing.Samples;

int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5555;
using PerfEventReader reader = PerfEventReader.Open(
    PerfEventSource.Tracepoint("sched:sched_switch"),
    new PerfEventReaderOptions
    {
        // The rings of all CPUs follow each other in one sequence: records have to say which they are of.
        Fields = SampleFields.Time | SampleFields.Cpu | SampleFields.Raw,
        StartDisabled = true,
    });

using TcpListener listener = new(IPAddress.Loopback, port);
listener.Start();
Console.WriteLine($"Listening on {listener.LocalEndpoint}.");
using TcpClient peer = await listener.AcceptTcpClientAsync();

Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    reader.Disable();
    reader.Flush();
};

PipeWriter output = PipeWriter.Create(peer.GetStream());
try
{
    reader.Enable();
    long written = await new SwitchesAsJson(reader).WriteAsync(output);
    await output.CompleteAsync();
    Console.WriteLine($"{written} switches sent, {reader.ReadLosses().Lost} lost.");
}
catch (IOException)
{
    Console.WriteLine($"The peer is gone; {reader.ReadLosses().Lost} switches were lost while it was there.");
}
