using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace PerfRing.Tests.SharedRings;

/// <summary>A process of its own that does something to a ring of the test until it is killed.</summary>
internal sealed class PeerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private PeerProcess(Process process) => _process = process;

    internal int Id => _process.Id;

    /// <summary>Starts it, and waits until it says that it is at work.</summary>
    /// <param name="what">What to do, see the program.</param>
    /// <param name="ring">To what.</param>
    /// <param name="progress">The file in which it notes how far it got.</param>
    /// <param name="arguments">How.</param>
    internal static PeerProcess Start(string what, SharedRing ring, string progress, params int[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "PerfRing.Testing.Peer.dll");
        string path = $"/proc/{Environment.ProcessId}/fd/{ring.Descriptor.DangerousGetHandle()}";
        ProcessStartInfo start = new(
            Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet",
            ["exec", program, what, path, progress, .. arguments.Select(one => one.ToString(CultureInfo.InvariantCulture))])
        {
            RedirectStandardOutput = true,
        };
        PeerProcess peer = new(Process.Start(start)!);
        Task<string?> line = peer._process.StandardOutput.ReadLineAsync();
        if (line.Wait(Patience) && line.Result == "ready")
            return peer;

        peer.Dispose();
        throw new InvalidOperationException($"'{what}' did not get ready; its complaint is among the output of the tests");
    }

    /// <summary>SIGKILL, and its end.</summary>
    internal void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(Patience));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();

        _process.Dispose();
    }
}
