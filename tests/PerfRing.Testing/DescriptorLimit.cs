using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>Keeps this process from opening anything (EMFILE) until the end of a scope. What is open stays so.</summary>
/// <remarks>The limit is no lower than that: poll(2) refuses more entries than descriptors are allowed, and whoever runs the tests
/// polls. So every number below it is taken first.</remarks>
internal sealed class DescriptorLimit : IDisposable
{
    private const int Lowered = 64;

    private readonly List<Descriptor> _taken = [];
    private readonly LibC.Limit _before;

    internal DescriptorLimit()
    {
        do
        {
            Errno.ThrowIfFailed(Shim.EventFd(out int fd), "eventfd", "taking all low numbers");
            _taken.Add(new Descriptor(fd));
        }
        while (_taken[^1].Number < Lowered);

        Check(LibC.GetLimit(LibC.LimitOfFiles, out _before));
        Check(LibC.SetLimit(LibC.LimitOfFiles, _before with { Soft = Lowered }));
    }

    public void Dispose()
    {
        Check(LibC.SetLimit(LibC.LimitOfFiles, _before));
        foreach (Descriptor taken in _taken)
            taken.Dispose();
    }

    private static void Check(int returned) =>
        Errno.ThrowIfFailed(LibC.Result(returned), "setrlimit(RLIMIT_NOFILE)", "a soft limit may always be lowered");
}
