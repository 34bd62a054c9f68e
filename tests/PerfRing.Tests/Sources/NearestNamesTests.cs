namespace PerfRing.Tests;

public class NearestNamesTests
{
    private static readonly string[] Names =
    [
        "sched:sched_switch", "sched:sched_wakeup", "sched:sched_wakeup_new", "sched:sched_process_exec",
        "sched:sched_process_exit", "sched:sched_process_fork", "sched:sched_process_free", "sched:sched_process_wait",
        "syscalls:sys_enter_openat", "syscalls:sys_exit_openat", "block:block_rq_issue", "net:net_dev_xmit",
    ];

    [Theory]
    [InlineData("sched:sched_swich", "sched:sched_switch")]
    [InlineData("sched:sched_swtich", "sched:sched_switch")]
    [InlineData("Sched:sched_switch", "sched:sched_switch")]
    [InlineData("syscalls:sched_switch", "sched:sched_switch")]
    [InlineData("sched:switch", "sched:sched_switch")]
    [InlineData("net:dev_xmit", "net:net_dev_xmit")]
    [InlineData("sched:SCHED_SWITCH", "sched:sched_switch")]
    [InlineData("syscalls:sys_enter_open", "syscalls:sys_enter_openat")]
    public void The_name_that_was_meant_comes_first(string wanted, string meant) =>
        Assert.Equal(meant, NearestNames.Find(wanted, Names)[0]);

    [Fact]
    public void At_most_five_are_suggested() => Assert.Equal(5, NearestNames.Find("sched:sched", Names).Count);

    [Theory]
    [InlineData("quantum:entangled")]
    [InlineData("a:b")]
    [InlineData("foo:dev")]
    public void Nothing_near_gives_nothing(string wanted) => Assert.Empty(NearestNames.Find(wanted, Names));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "abd", 1)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abc", "ac", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ca", "abc", 3)]
    public void Typing_errors_are_counted(string from, string to, int edits) =>
        Assert.Equal(edits, NearestNames.EditDistance(from, to));
}
