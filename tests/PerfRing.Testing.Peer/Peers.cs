using Microsoft.Win32.SafeHandles;

namespace PerfRing.Testing.Peer;

/// <summary>Reaching the ring of the test, and telling the test that it is reached.</summary>
internal static class Peers
{
    internal static SharedRing Attach(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        return SharedRing.Attach(file);
    }

    internal static void SayReady()
    {
        Console.Out.WriteLine("ready");
        Console.Out.Flush();
    }
}
