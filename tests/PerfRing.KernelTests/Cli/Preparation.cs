namespace PerfRing.KernelTests.Cli;

/// <summary>Programs that take something away and then become the program that follows in their arguments.</summary>
internal static class Preparation
{
    /// <summary>An ordinary user without any right.</summary>
    internal static string[] Nobody { get; } =
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"];

    /// <summary>A view of the machine without tracefs, and without debugfs, which mounts one inside itself.</summary>
    internal static string[] WithoutTracing { get; } =
    [
        "unshare", "--mount", "sh", "-c",
        """awk '$3 == "tracefs" || $3 == "debugfs" { print $2 }' /proc/self/mounts | xargs -r umount -l; exec "$@" """, "sh",
    ];
}
