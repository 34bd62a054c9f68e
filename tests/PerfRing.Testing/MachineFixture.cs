namespace PerfRing.Testing;

/// <summary>Holds the machine lock shared for the life of a test collection, and sees to it that there is a tracefs where one
/// can be had: tools that tests start find it in the mount table, as the library does.</summary>
/// <remarks>xunit finds collection definitions only in the assembly of the tests, so each has its own:
/// <code>
/// [CollectionDefinition("Machine")]
/// public sealed class Machine : ICollectionFixture&lt;MachineFixture&gt;;
/// </code></remarks>
public sealed class MachineFixture : IDisposable
{
    private readonly IDisposable _shared = MachineLock.Shared();

    /// <summary>Takes the lock.</summary>
    public MachineFixture()
    {
        if (MachineProbe.Missing(Needs.Tracepoints) is null)
            _ = TracingFs.Path;
    }

    /// <summary>Lets processes through that want the machine for themselves.</summary>
    public void Dispose() => _shared.Dispose();
}
