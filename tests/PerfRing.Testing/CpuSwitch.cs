namespace PerfRing.Testing;

/// <summary>Takes one CPU offline and brings it back, with the machine to itself; back it is at the end, whatever happens.</summary>
/// <remarks>Threads that are pinned to the CPU are moved by the kernel and stay where they are then.</remarks>
internal sealed class CpuSwitch : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly IDisposable _machine = MachineLock.Exclusive(Patience);

    /// <summary>The highest CPU that can be switched off.</summary>
    internal int Cpu { get; } = MachineCpus.Online().Last(cpu => File.Exists(MachineCpus.OnlineSwitch(cpu)));

    internal void Off() => Write("0");

    internal void On() => Write("1");

    public void Dispose()
    {
        try
        {
            On();
        }
        finally
        {
            _machine.Dispose();
        }
    }

    // The kernel refuses with EBUSY while another change is under way.
    private void Write(string state) => Wait.Until(
        () =>
        {
            try
            {
                if (File.ReadAllText(MachineCpus.OnlineSwitch(Cpu)).Trim() != state)
                    File.WriteAllText(MachineCpus.OnlineSwitch(Cpu), state);

                return true;
            }
            catch (IOException)
            {
                return false;
            }
        },
        $"CPU {Cpu} to be switched to {state}");
}
