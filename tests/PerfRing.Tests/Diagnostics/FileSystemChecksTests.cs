namespace PerfRing.Tests.Diagnostics;

public sealed class FileSystemChecksTests : IDisposable
{
    private readonly KernelTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_tracefs_that_can_be_read_passes_with_its_place()
    {
        EnvironmentCheck check = FileSystemChecks.Tracing(_tree.Files);
        Assert.Equal(EnvironmentCheck.Passed("tracefs", $"At {_tree.PathOf("tracing")}, with 2 tracepoints."), check);
    }

    [Fact]
    public void Without_tracefs_the_remedy_mounts_it()
    {
        _tree.Mount("proc /proc proc rw 0 0");
        EnvironmentCheck check = FileSystemChecks.Tracing(_tree.Files);
        Assert.Equal(CheckStatus.Failed, check.Status);
        Assert.Equal("mount -t tracefs nodev /sys/kernel/tracing", check.Remedy);
    }

    [Fact]
    public void A_mount_point_without_its_files_is_a_failure()
    {
        _tree.Remove("tracing/available_events");
        Assert.Equal(CheckStatus.Failed, FileSystemChecks.Tracing(_tree.Files).Status);
    }

    [Fact]
    public void An_empty_bpffs_passes()
    {
        EnvironmentCheck check = FileSystemChecks.Bpf(_tree.Files);
        Assert.Equal(EnvironmentCheck.Passed("bpffs", $"At {_tree.PathOf("bpf")}, with 0 entries."), check);
    }

    [Fact]
    public void Without_bpffs_readers_work_and_the_command_is_told()
    {
        _tree.Mount("proc /proc proc rw 0 0");
        EnvironmentCheck check = FileSystemChecks.Bpf(_tree.Files);
        Assert.Equal(CheckStatus.Warning, check.Status);
        Assert.Contains("mount -t bpf bpf /sys/fs/bpf", check.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bpffs_that_can_not_be_listed_is_a_warning()
    {
        _tree.Mount($"bpf {_tree.PathOf("nowhere")} bpf rw 0 0");
        Assert.Equal(CheckStatus.Warning, FileSystemChecks.Bpf(_tree.Files).Status);
    }

    [Fact]
    public void A_mount_table_that_can_not_be_read_leaves_both_unknown()
    {
        _tree.Remove(KernelFiles.Mounts);
        Assert.Equal(CheckStatus.Unknown, FileSystemChecks.Tracing(_tree.Files).Status);
        Assert.Equal(CheckStatus.Unknown, FileSystemChecks.Bpf(_tree.Files).Status);
    }
}
