using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>Keeps this process from opening anything (EMFILE) until the end of a scope. What is open stays so.</summary>
internal sealed class DescriptorLimit : IDisposable
{
    private readonly LibC.Limit _before;

    internal DescriptorLimit()
    {
        Check(LibC.GetLimit(LibC.LimitOfFiles, out _before));
        Check(LibC.SetLimit(LibC.LimitOfFiles, _before with { Soft = 0 }));
    }

    public void Dispose() => Check(LibC.SetLimit(LibC.LimitOfFiles, _before));

    private static void Check(int returned) =>
        Errno.ThrowIfFailed(LibC.Result(returned), "setrlimit(RLIMIT_NOFILE)", "a soft limit may always be lowered");
}
