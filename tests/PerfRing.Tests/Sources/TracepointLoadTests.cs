namespace PerfRing.Tests;

public sealed class TracepointLoadTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("perfring-tracefs-");

    public TracepointLoadTests()
    {
        Add("sched", "sched_switch", FormatTexts.SchedSwitch);
        Add("sched", "broken", "name: broken\n");
        Write("available_events", "sched:sched_switch\nsched:sched_wakeup\nsyscalls:sys_enter_openat\n");
        Write("secret", FormatTexts.SchedSwitch);
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void A_description_is_read_from_its_file()
    {
        TracepointFormat format = Load("sched:sched_switch");
        Assert.Equal(("sched", "sched_switch", 314), (format.Subsystem, format.Name, format.Id));
    }

    [Fact]
    public void A_mistyped_name_is_answered_with_the_nearest()
    {
        var refusal = Assert.Throws<TracepointNotFoundException>(() => Load("sched:sched_swich"));
        Assert.Equal("no tracepoint 'sched:sched_swich': did you mean sched:sched_switch?", refusal.Message);
        Assert.Equal(["sched:sched_switch"], refusal.Suggestions);
        Assert.Equal("sched:sched_swich", refusal.Tracepoint);
    }

    [Fact]
    public void A_name_with_nothing_near_it_is_answered_with_where_the_names_are()
    {
        var refusal = Assert.Throws<TracepointNotFoundException>(() => Load("quantum:entangled"));
        Assert.Empty(refusal.Suggestions);
        Assert.Contains(Path.Combine(_root.FullName, "available_events"), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_suggestions_read_as_a_choice() => Assert.Equal(
        "no tracepoint 'a:b': did you mean a:c, a:d or a:e?",
        new TracepointNotFoundException("a:b", ["a:c", "a:d", "a:e"], "list").Message);

    [Fact]
    public void A_directory_without_tracefs_is_reported_as_such()
    {
        File.Delete(Path.Combine(_root.FullName, "available_events"));
        Assert.Throws<TracingUnavailableException>(() => Load("sched:sched_swich"));
    }

    [Fact]
    public void A_malformed_description_is_reported_with_the_tracepoints_name() => Assert.StartsWith(
        "sched:broken: ", Assert.Throws<FormatException>(() => Load("sched:broken")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("foo")]
    [InlineData(":")]
    [InlineData("a:")]
    [InlineData(":b")]
    [InlineData("a:b:c")]
    [InlineData("../x:y")]
    [InlineData("..:secret")]
    [InlineData("sched:..")]
    [InlineData("sched:.")]
    [InlineData("sched:../../secret")]
    [InlineData("sched/sched_switch:x")]
    [InlineData("/etc:passwd")]
    [InlineData("sched:sched\0switch")]
    [InlineData("sched: sched_switch")]
    [InlineData("sched:sched_switch\n")]
    [InlineData("sched:*")]
    [InlineData("\u00e9:b")]
    public void A_text_that_is_no_name_is_refused_before_any_file_is_looked_for(string tracepoint)
    {
        var refusal = Assert.Throws<ArgumentException>(nameof(tracepoint), () => TracepointFormat.Load(tracepoint));
        Assert.Contains("expected subsystem:name", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_at_all_is_refused()
    {
        Assert.Throws<ArgumentException>("tracepoint", () => TracepointFormat.Load(""));
        Assert.Throws<ArgumentNullException>("tracepoint", () => TracepointFormat.Load(null!));
    }

    [Theory]
    [InlineData("intel-sst:sst_ipc_msg_tx")]
    [InlineData("mac80211:drv_start")]
    [InlineData("my.group:my.event")]
    public void Names_may_have_digits_dashes_and_dots(string tracepoint) =>
        Assert.Equal(tracepoint, TracepointName.Parse(tracepoint, nameof(tracepoint)).ToString());

    private TracepointFormat Load(string name) =>
        TracepointFormat.Load(TracepointName.Parse(name, "name"), new TracingFileSystem(_root.FullName));

    private void Add(string subsystem, string name, string text)
    {
        string directory = Path.Combine("events", subsystem, name);
        _root.CreateSubdirectory(directory);
        Write(Path.Combine(directory, "format"), text);
    }

    private void Write(string path, string text) => File.WriteAllText(Path.Combine(_root.FullName, path), text);
}
