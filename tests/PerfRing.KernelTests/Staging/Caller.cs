using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PerfRing.KernelTests.Staging;

/// <summary>A process of its own that makes system calls on one CPU, at a steady rate, whatever this process does.</summary>
internal sealed class Caller : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    /// <param name="cpu">Where it calls.</param>
    /// <param name="callsAMillisecond">How often, at most.</param>
    internal Caller(int cpu, int callsAMillisecond)
    {
        _process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                "exec", Path.Combine(AppContext.BaseDirectory, "PerfRing.Testing.Peer.dll"), "call",
                cpu.ToString(CultureInfo.InvariantCulture), callsAMillisecond.ToString(CultureInfo.InvariantCulture),
            ])
        {
            RedirectStandardOutput = true,
        })!;
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (line.Wait(Patience) && line.Result == "ready")
            return;

        Dispose();
        throw new InvalidOperationException("the caller did not get ready");
    }

    /// <summary>Its calls, and no others.</summary>
    internal PerfEventSource Calls() =>
        PerfEventSource.Tracepoint("raw_syscalls:sys_enter", $"common_pid == {_process.Id} && id == {GetParentProcess}");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            Assert.True(_process.WaitForExit(Patience));
        }

        _process.Dispose();
    }

    /// <summary>SYS_getppid.</summary>
    private static int GetParentProcess => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 110 : 173;
}
