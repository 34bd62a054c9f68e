using PerfRing.Testing;

namespace PerfRing.KernelTests.Diagnostics;

[Collection(Machine.Name)]
public sealed class EnvironmentReportTests
{
    [KernelTheory(Needs.Root | Needs.PerfEvents | Needs.Bpf)]
    [InlineData("cap-perfmon")]
    [InlineData("cap-bpf")]
    [InlineData("cap-ipc-lock")]
    [InlineData("perf-event-paranoid")]
    [InlineData("mlock-budget")]
    [InlineData("open-files")]
    [InlineData("whole-cpu-events")]
    [InlineData("own-process-events")]
    [InlineData("bpf-perf-event-array")]
    [InlineData("bpf-ring-buffer")]
    [InlineData("bpf-user-ring-buffer")]
    [InlineData("epoll-pwait2")]
    public void Root_has_what_readers_need(string name)
    {
        EnvironmentCheck check = EnvironmentReport.Create().Single(check => check.Name == name);
        Assert.True(check.Status == CheckStatus.Passed, check.ToString());
    }

    [KernelFact(Needs.Root | Needs.PerfEvents | Needs.Bpf)]
    public void Root_can_read_everything_but_what_the_machine_lacks()
    {
        EnvironmentReport report = EnvironmentReport.Create();
        Assert.True(report.CanReadWholeCpus && report.CanReadOwnProcess && report.CanReadBpfOutput && report.CanReadBpfRings);
    }

    [KernelFact(Needs.Bpf)]
    public void An_overwriting_ring_buffer_is_there_or_not_and_never_a_failure()
    {
        EnvironmentCheck check = EnvironmentReport.Create().Single(check => check.Name == "bpf-ring-buffer-overwrite");
        Assert.Null(check.Remedy);
        if (check.Status == CheckStatus.Warning)
            Assert.Contains("not there (EINVAL)", check.Finding, StringComparison.Ordinal);
        else
            Assert.Equal(CheckStatus.Passed, check.Status);
    }

    [KernelFact(Needs.PerfEvents)]
    public void Exact_counts_of_losses_are_promised_where_readers_give_them()
    {
        using PerfEventReader reader = PerfEventReader.Open(PerfEventSource.Software(SoftwareEvent.Dummy));
        CheckStatus promised = EnvironmentReport.Create().Single(check => check.Name == "lost-counts").Status;
        Assert.Equal(reader.ReadLosses().IsExact, promised == CheckStatus.Passed);
    }

    [KernelFact(Needs.None)]
    public void The_commands_of_membarrier_are_those_that_the_kernel_lists()
    {
        EnvironmentCheck check = EnvironmentReport.Create().Single(check => check.Name == "membarrier");
        Assert.Matches("^Commands 0x[0-9a-f]+: GLOBAL (yes|no), PRIVATE_EXPEDITED yes, ", check.Finding);
    }

    [KernelFact(Needs.None)]
    public void Nothing_stays_open_and_nothing_is_mounted()
    {
        EnvironmentReport.Create();
        string mounts = File.ReadAllText("/proc/self/mounts");
        ProcessResources before = ProcessResources.Now();
        for (int i = 0; i < 20; i++)
            EnvironmentReport.Create();

        ProcessResources after = ProcessResources.Now();
        Assert.Equal(
            (before.PerfEventDescriptors, before.BpfDescriptors, before.PerfEventMappings),
            (after.PerfEventDescriptors, after.BpfDescriptors, after.PerfEventMappings));
        Assert.InRange(after.Descriptors, 0, before.Descriptors + 10);
        Assert.Equal(mounts, File.ReadAllText("/proc/self/mounts"));
    }
}
