using Microsoft.Win32.SafeHandles;

namespace PerfRing.Testing;

/// <summary>Takes one CPU offline and brings it back, with the machine to itself; back it is at the end, whatever happens.</summary>
/// <remarks>Threads that are pinned to the CPU are moved by the kernel and stay where they are then.</remarks>
internal sealed class CpuSwitch : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly IDisposable _machine = MachineLock.Exclusive(Patience);

    // Kept open, so that the CPU comes back also when no file can be opened.
    private readonly SafeFileHandle _file;

    internal CpuSwitch()
    {
        try
        {
            Cpu = MachineCpus.Online().Last(cpu => File.Exists(MachineCpus.OnlineSwitch(cpu)));
            _file = File.OpenHandle(MachineCpus.OnlineSwitch(Cpu), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch
        {
            _machine.Dispose();
            throw;
        }
    }

    /// <summary>The highest CPU that can be switched off.</summary>
    internal int Cpu { get; }

    internal void Off() => Write((byte)'0');

    internal void On() => Write((byte)'1');

    public void Dispose()
    {
        try
        {
            On();
        }
        finally
        {
            _file.Dispose();
            _machine.Dispose();
        }
    }

    // The kernel refuses with EBUSY while another change is under way.
    private void Write(byte state) => Wait.Until(
        () =>
        {
            try
            {
                Span<byte> now = stackalloc byte[1];
                RandomAccess.Read(_file, now, 0);
                if (now[0] != state)
                    RandomAccess.Write(_file, [state], 0);

                return true;
            }
            catch (IOException)
            {
                return false;
            }
        },
        $"CPU {Cpu} to be switched to {(char)state}");
}
