using System.Runtime.InteropServices;

namespace PerfRing.Testing.Peer;

/// <summary>Makes a system call again and again, in a process that no collection of the test suspends.</summary>
internal static partial class Calling
{
    internal static void Run(int cpu, int callsAMillisecond)
    {
        using CpuAffinity pinned = CpuAffinity.Pin(cpu);
        Peers.SayReady();
        while (true)
        {
            for (int i = 0; i < callsAMillisecond; i++)
                _ = ParentProcess();

            Thread.Sleep(1);
        }
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentProcess();
}
