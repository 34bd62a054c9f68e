using System.Text.RegularExpressions;
using PerfRing.Interop;

namespace PerfRing.Tests.Diagnostics;

public sealed partial class EnvironmentReportTests : IDisposable
{
    private const int Page = 4096;

    private static readonly KernelAnswers Willing = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ff);

    /// <summary>An ordinary user where kernel.perf_event_paranoid is 2.</summary>
    private static readonly KernelAnswers Unwilling = Willing with
    {
        WholeCpu = -Errno.EACCES,
        Tracepoint = null,
        PerfEventArray = -Errno.EPERM,
        RingBuffer = -Errno.EPERM,
        UserRingBuffer = -Errno.EPERM,
        OverwritingRing = -Errno.EPERM,
    };

    private readonly KernelTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Where_everything_is_there_every_check_passes_and_everything_can_be_read()
    {
        EnvironmentReport report = Judge(Willing);
        Assert.All(report, check => Assert.Equal(CheckStatus.Passed, check.Status));
        Assert.False(report.HasFailures);
        Assert.Equal((true, true, true, true, true), Abilities(report));
    }

    [Fact]
    public void Names_are_stable_ids_and_only_failures_have_remedies()
    {
        _tree.Write(KernelFiles.Status, KernelTree.NoRights);
        EnvironmentReport report = Judge(Unwilling);
        Assert.Equal(report.Count, report.Select(check => check.Name).Distinct().Count());
        Assert.All(report, check => Assert.Matches(KebabCase(), check.Name));
        Assert.All(report, check => Assert.Equal(check.Status == CheckStatus.Failed, check.Remedy is not null));
        Assert.All(report, check => Assert.DoesNotContain('\n', check.Finding));
        Assert.Equal(report.Select(check => check.Name), Judge(Willing).Select(check => check.Name));
    }

    [Fact]
    public void An_ordinary_user_can_read_the_own_process_only()
    {
        _tree.Write(KernelFiles.Status, KernelTree.NoRights);
        _tree.Mount("proc /proc proc rw 0 0");
        EnvironmentReport report = Judge(Unwilling);
        Assert.Equal((false, true, false, false, false), Abilities(report));
        Assert.Equal(
            ["cap-perfmon", "cap-bpf", "tracefs", "whole-cpu-events", "bpf-perf-event-array", "bpf-ring-buffer"],
            report.Where(check => check.Status == CheckStatus.Failed).Select(check => check.Name));
    }

    [Fact]
    public void Nothing_can_be_read_with_rings_that_do_not_fit()
    {
        _tree.Write(KernelFiles.Status, KernelTree.NoRights);
        _tree.Write(KernelFiles.LockedPerCpu, "1\n");
        _tree.Write(KernelFiles.Limits, "Max open files 1024 1024 files\nMax locked memory 0 0 bytes\n");
        Assert.Equal((false, false, false, false, true), Abilities(Judge(Willing)));
    }

    [Fact]
    public void Tracepoints_need_tracefs_even_where_events_open()
    {
        _tree.Mount("proc /proc proc rw 0 0");
        Assert.Equal((true, true, false, true, true), Abilities(Judge(Willing with { Tracepoint = null })));
    }

    [Fact]
    public void A_machine_without_proc_and_sys_is_unknown_and_no_error()
    {
        EnvironmentReport report = EnvironmentReport.Judge(
            new KernelFiles(_tree.PathOf("nowhere")), Willing, PerfEventReaderOptions.DefaultBufferSize, Page);
        Assert.False(report.HasFailures);
        Assert.Equal(10, report.Count(check => check.Status == CheckStatus.Unknown));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_buffer_without_bytes_is_refused(int bufferSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(bufferSize), () => EnvironmentReport.Create(bufferSize));

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();

    private static (bool WholeCpus, bool OwnProcess, bool Tracepoints, bool BpfOutput, bool BpfRings) Abilities(
        EnvironmentReport report) => (
            report.CanReadWholeCpus, report.CanReadOwnProcess, report.CanReadTracepoints, report.CanReadBpfOutput,
            report.CanReadBpfRings);

    private EnvironmentReport Judge(KernelAnswers answers) =>
        EnvironmentReport.Judge(_tree.Files, answers, PerfEventReaderOptions.DefaultBufferSize, Page);
}
