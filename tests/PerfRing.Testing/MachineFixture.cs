namespace PerfRing.Testing;

/// <summary>Holds the machine lock shared for the life of a test collection.</summary>
/// <remarks>xunit finds collection definitions only in the assembly of the tests, so each has its own:
/// <code>
/// [CollectionDefinition("Machine")]
/// public sealed class MachineCollection : ICollectionFixture&lt;MachineFixture&gt;;
/// </code></remarks>
public sealed class MachineFixture : IDisposable
{
    private readonly IDisposable _shared = MachineLock.Shared();

    /// <summary>Lets processes through that want the machine for themselves.</summary>
    public void Dispose() => _shared.Dispose();
}
