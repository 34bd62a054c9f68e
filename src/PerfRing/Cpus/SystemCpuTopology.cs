using PerfRing.Interop;

namespace PerfRing;

/// <summary>The topology that a sysfs directory describes, read anew at every look.</summary>
internal sealed class SystemCpuTopology(string directory) : CpuTopology(CpuSet.Empty, CpuSet.Empty)
{
    internal const string SystemDirectory = "/sys/devices/system/cpu";

    private const string OnlineFile = "online";

    private static readonly OnlineCpuList OfSystem = new(Path.Combine(SystemDirectory, OnlineFile));

    // Every reader has a topology of its own, and the machine one list: one open file is enough.
    private readonly OnlineCpuList _online =
        directory == SystemDirectory ? OfSystem : new OnlineCpuList(Path.Combine(directory, OnlineFile));

    /// <inheritdoc/>
    public override CpuSet Possible => Read("possible");

    /// <inheritdoc/>
    public override CpuSet Online => Read(OnlineFile);

    /// <inheritdoc/>
    public override CpuSet Isolated
    {
        // Not every kernel has the file, and then none is isolated as far as anybody can tell.
        get => File.Exists(Path.Combine(directory, "isolated")) ? Read("isolated") : CpuSet.Empty;
    }

    internal override CpuSet? LookOnline() => _online.Read();

    private CpuSet Read(string name)
    {
        string path = Path.Combine(directory, name);
        string list;
        try
        {
            list = File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SystemCallException($"open({path})", Errno.ENOENT, "is sysfs mounted? mount -t sysfs nodev /sys");
        }
        catch (UnauthorizedAccessException)
        {
            throw new SystemCallException(
                $"open({path})", Errno.EACCES, "every user may read it on a plain system: look at the sandbox or container");
        }

        try
        {
            return CpuSet.Parse(list);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{path}: {e.Message} The kernel never writes that: look at what is mounted there.", e);
        }
    }
}
