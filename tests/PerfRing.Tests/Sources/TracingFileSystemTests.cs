namespace PerfRing.Tests;

public sealed class TracingFileSystemTests : IDisposable
{
    private readonly string _mounts = Path.GetTempFileName();

    public void Dispose() => File.Delete(_mounts);

    [Theory]
    [InlineData("/mnt/t", "none /mnt/t tracefs rw 0 0\n")]
    [InlineData("/sys/kernel/tracing", "none /mnt/t tracefs rw 0 0\nnone /sys/kernel/tracing tracefs rw 0 0\n")]
    [InlineData("/sys/kernel/tracing", "none /sys/kernel/tracing tracefs rw 0 0\nnone /mnt/t tracefs rw 0 0\n")]
    [InlineData("/sys/kernel/debug/tracing", "t /mnt/t tracefs rw 0 0\nt /sys/kernel/debug/tracing tracefs rw 0 0\n")]
    [InlineData("/sys/kernel/debug/tracing", "debugfs /sys/kernel/debug debugfs rw 0 0\n")]
    [InlineData("/sys/kernel/tracing", "debugfs /sys/kernel/debug debugfs rw 0 0\nt /sys/kernel/tracing tracefs rw 0 0\n")]
    [InlineData("/mnt/a b\\c\td", "none /mnt/a\\040b\\134c\\011d tracefs rw 0 0\n")]
    [InlineData("/mnt/a\\04", "none /mnt/a\\04 tracefs rw 0 0\n")]
    public void The_best_mount_point_of_a_table_is_found(string expected, string table) =>
        Assert.Equal(expected, TracingFileSystem.FindMountPoint(table));

    [Theory]
    [InlineData("")]
    [InlineData("tracefs\n\n \n")]
    [InlineData("tracefs /tracefs tmpfs rw,tracefs 0 0\n")]
    [InlineData("debugfs /mnt/debug debugfs rw 0 0\n")]
    public void A_table_without_tracefs_has_none(string table) => Assert.Null(TracingFileSystem.FindMountPoint(table));

    [Fact]
    public void A_mounted_tracefs_is_the_root()
    {
        File.WriteAllText(_mounts, "proc /proc proc rw 0 0\nnone /mnt/t tracefs rw 0 0\n");
        Assert.Equal("/mnt/t", TracingFileSystem.Find(_mounts).Root);
    }

    [Fact]
    public void A_missing_mount_is_reported_with_the_command_that_mounts_it()
    {
        var refusal = Assert.Throws<TracingUnavailableException>(() => TracingFileSystem.Find(_mounts));
        Assert.Contains("mount -t tracefs nodev /sys/kernel/tracing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_table_that_is_not_there_is_reported()
    {
        var refusal = Assert.Throws<TracingUnavailableException>(() => TracingFileSystem.Find("/proc/none/mounts"));
        Assert.Contains("is /proc mounted?", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_are_listed_in_the_files_order()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("perfring-tracefs-");
        try
        {
            File.WriteAllText(Path.Combine(root.FullName, "available_events"), "b:two\na:one\n");
            Assert.Equal(["b:two", "a:one"], new TracingFileSystem(root.FullName).ListEvents());
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
