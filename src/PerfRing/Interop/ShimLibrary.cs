namespace PerfRing.Interop;

/// <summary>Checks, before the first call, that the shim is there and speaks this assembly's ABI.</summary>
internal static class ShimLibrary
{
    /// <summary>PERFRING_ABI_VERSION of the header that the declarations in this folder follow.</summary>
    internal const uint AbiVersion = 3;

    private static bool _checked;

    /// <exception cref="PlatformNotSupportedException">The system is not Linux, or the shim is missing or of another version.</exception>
    internal static void Require()
    {
        if (Volatile.Read(ref _checked))
            return;

        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("PerfRing reads rings of the Linux kernel and runs on Linux only.");

        uint version;
        try
        {
            version = Shim.AbiVersion();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new PlatformNotSupportedException(
                $"libperfring_shim.so could not be used ({e.Message}). It belongs beside PerfRing.dll, or in "
                + "runtimes/<rid>/native of the package; the package has it for linux-x64 and linux-arm64 with glibc.", e);
        }

        CheckVersion(version);
        Volatile.Write(ref _checked, true);
    }

    internal static void CheckVersion(uint version)
    {
        if (version != AbiVersion)
        {
            throw new PlatformNotSupportedException(
                $"libperfring_shim.so has ABI version {version}, PerfRing.dll needs {AbiVersion}: "
                + "an older or newer shim lies in the library path; deploy the one of the same package.");
        }
    }
}
