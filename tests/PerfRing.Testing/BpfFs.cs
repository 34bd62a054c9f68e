namespace PerfRing.Testing;

/// <summary>A bpffs for one test. What it pinned goes with it.</summary>
internal sealed class BpfFs : IDisposable
{
    private readonly PrivateMount _mount = new("bpf");

    /// <summary>The root of the file system.</summary>
    internal string Root => _mount.Path;

    /// <summary>The path of a pin with this name.</summary>
    internal string PathOf(string name) => Path.Combine(Root, name);

    public void Dispose() => _mount.Dispose();
}
