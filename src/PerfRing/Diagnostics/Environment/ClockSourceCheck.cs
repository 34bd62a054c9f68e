namespace PerfRing;

/// <summary>What the kernel tells the time by: every record is stamped with it.</summary>
internal static class ClockSourceCheck
{
    internal const string Name = "clock-source";

    /// <summary>Read from a register of the CPU, scaled by a page of the hypervisor's where there is one. The others ask a
    /// device, such as hpet and acpi_pm do, which takes a microsecond or more.</summary>
    private static readonly string[] Fast =
    [
        "tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page", "xen", "timebase", "riscv_clocksource",
    ];

    internal static EnvironmentCheck Judge(string? current, string? available)
    {
        if (string.IsNullOrEmpty(current))
            return EnvironmentCheck.Unreadable(Name, KernelFiles.ClockSource);

        if (Fast.Contains(current))
            return EnvironmentCheck.Passed(Name, current + ".");

        string others = string.IsNullOrEmpty(available) ? "" : $" This machine has: {available}.";
        return EnvironmentCheck.Warning(Name, $"{current}, which may be slow: every record's time costs the traced thread a look.{others}");
    }
}
