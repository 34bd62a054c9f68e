using PerfRing.Interop;

namespace PerfRing;

public sealed partial class BpfMap
{
    /// <summary>The ids of all maps that the kernel has now, in ascending order.</summary>
    /// <returns>A moment's view: a map may be gone when it is opened by <see cref="OpenById"/>, which then throws
    /// ENOENT.</returns>
    /// <exception cref="SystemCallException">No right to list them (EPERM: needs CAP_SYS_ADMIN), or the kernel has no BPF
    /// (ENOSYS).</exception>
    /// <exception cref="PlatformNotSupportedException">Not Linux, or the native shim is missing.</exception>
    /// <remarks>bpf(2) with BPF_MAP_GET_NEXT_ID, one call for each map.</remarks>
    public static IReadOnlyList<uint> ListIds()
    {
        ShimLibrary.Require();
        List<uint> ids = [];
        int result;
        uint last = 0;
        while ((result = BpfCall.NextMapId(last, out uint id)) == 0)
            ids.Add(last = id);

        // That there is none above the last one is the end.
        if (result != -Errno.ENOENT)
            Errno.Throw(result, "bpf(BPF_MAP_GET_NEXT_ID)", "listing the machine's maps needs CAP_SYS_ADMIN (or root)");

        return ids;
    }
}
