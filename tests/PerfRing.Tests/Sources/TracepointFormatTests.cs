namespace PerfRing.Tests;

public class TracepointFormatTests
{
    [Fact]
    public void A_description_gives_name_id_and_fields()
    {
        TracepointFormat format = TracepointFormat.Parse(FormatTexts.SchedSwitch, "sched");
        Assert.Equal("sched:sched_switch", format.ToString());
        Assert.Equal("sched", format.Subsystem);
        Assert.Equal("sched_switch", format.Name);
        Assert.Equal(314, format.Id);
        Assert.Equal(11, format.Fields.Count);
        Assert.Equal(
            ["common_type", "common_flags", "common_preempt_count", "common_pid"],
            format.Fields.Where(field => field.IsCommon).Select(field => field.Name));
    }

    [Fact]
    public void A_field_is_found_by_its_name()
    {
        TracepointField pid = Find(FormatTexts.SchedSwitch, "next_pid");
        Assert.Equal(("pid_t", 56, 4, true), (pid.TypeName, pid.Offset, pid.Size, pid.IsSigned));
        Assert.Null(TracepointFormat.Parse(FormatTexts.SchedSwitch).FindField("next"));
    }

    [Theory]
    [InlineData("args", "unsigned long[6]", true, 8, TracepointFieldKind.IntegerArray)]
    [InlineData("saddr", "u8[4]", true, 1, TracepointFieldKind.IntegerArray)]
    [InlineData("fn", "const char *", false, 8, TracepointFieldKind.Integer)]
    [InlineData("argv", "const char *const *", false, 8, TracepointFieldKind.Integer)]
    [InlineData("q", "struct request_queue *", false, 8, TracepointFieldKind.Integer)]
    [InlineData("uattr", "union bpf_attr *", false, 8, TracepointFieldKind.Integer)]
    [InlineData("blocked", "bool", false, 1, TracepointFieldKind.Integer)]
    [InlineData("zone", "enum zone_type", false, 4, TracepointFieldKind.Integer)]
    [InlineData("address", "struct in6_addr", false, 16, TracepointFieldKind.Bytes)]
    [InlineData("comm", "char[TASK_COMM_LEN]", true, 1, TracepointFieldKind.CharArray)]
    [InlineData("mac", "unsigned char[6]", true, 1, TracepointFieldKind.IntegerArray)]
    [InlineData("pairs", "struct pair[2]", true, 12, TracepointFieldKind.Bytes)]
    [InlineData("ptr", "void __seg_gs *", false, 8, TracepointFieldKind.Integer)]
    [InlineData("rest", "unsigned long[]", true, 8, TracepointFieldKind.IntegerArray)]
    public void A_declaration_is_taken_apart(
        string name, string typeName, bool isArray, int elementSize, TracepointFieldKind kind)
    {
        TracepointField field = Find(FormatTexts.Declarations, name);
        Assert.Equal((typeName, isArray, elementSize, kind), (field.TypeName, field.IsArray, field.ElementSize, field.Kind));
    }

    [Theory]
    [InlineData("text", "__data_loc char[]", 1, TracepointFieldKind.DynamicString)]
    [InlineData("numbers", "__data_loc u64[]", 8, TracepointFieldKind.DynamicArray)]
    [InlineData("near_text", "__rel_loc char[]", 1, TracepointFieldKind.RelativeDynamicString)]
    [InlineData("near_numbers", "__rel_loc u16[]", 2, TracepointFieldKind.RelativeDynamicArray)]
    [InlineData("cpumask", "__data_loc cpumask_t", 8, TracepointFieldKind.DynamicArray)]
    public void A_dynamic_declaration_is_an_array_of_its_element(
        string name, string typeName, int elementSize, TracepointFieldKind kind)
    {
        TracepointField field = Find(FormatTexts.Dynamic, name);
        Assert.Equal((typeName, true, elementSize, kind), (field.TypeName, field.IsArray, field.ElementSize, field.Kind));
    }

    [Fact]
    public void The_text_may_end_its_lines_with_carriage_returns()
    {
        TracepointFormat plain = TracepointFormat.Parse(FormatTexts.Dynamic);
        TracepointFormat returned = TracepointFormat.Parse(FormatTexts.Dynamic.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal(plain.Fields.Select(field => field.ToString()), returned.Fields.Select(field => field.ToString()));
    }

    [Fact]
    public void What_a_later_kernel_may_add_is_skipped()
    {
        const string text = "name: n\nID: 1\nversion: 2\nformat:\n\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\tunit:ns;\n";
        Assert.Equal("int a", Assert.Single(TracepointFormat.Parse(text).Fields).ToString());
    }

    [Theory]
    [InlineData("", "no line 'name:'")]
    [InlineData("ID: 1\nformat:\n", "no line 'name:'")]
    [InlineData("name: x\nformat:\n", "no line 'ID:'")]
    [InlineData("name: x\nID: many\n", "line 2: the id 'many' is no number")]
    [InlineData("name: x\nID: -1\n", "line 2: the id '-1' is no number")]
    [InlineData("name: x\nID: 99999999999\n", "line 2: the id '99999999999' is no number")]
    [InlineData("name: x\nID: 1\nformat:\n\tfield:int a;\toffset:8;\tsize:4;\n", "line 4: a field needs")]
    [InlineData("name: x\nID: 1\n\tfield:int a;\toffset:4294967295;\tsize:4;\tsigned:0;\n", "line 3: the offset '4294967295'")]
    [InlineData("name: x\nID: 1\n\tfield:int a;\toffset:0;\tsize:-4;\tsigned:0;\n", "line 3: the size '-4'")]
    [InlineData("name: x\nID: 1\n\tfield:int;\toffset:0;\tsize:4;\tsigned:0;\n", "line 3: 'int' declares no field")]
    [InlineData("name: x\nID: 1\n\tfield:char *;\toffset:0;\tsize:8;\tsigned:0;\n", "line 3: 'char *' declares no field")]
    [InlineData("name: x\nID: 1\n\tfield:[4];\toffset:0;\tsize:8;\tsigned:0;\n", "line 3: '[4]' declares no field")]
    [InlineData("name: x\nID: 1\n\tfield:;\toffset:0;\tsize:8;\tsigned:0;\n", "line 3: '' declares no field")]
    public void A_malformed_description_is_refused_with_the_line_and_the_problem(string text, string problem)
    {
        var refusal = Assert.Throws<FormatException>(() => TracepointFormat.Parse(text));
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_description_cut_off_or_scrambled_anywhere_is_refused_or_read_but_never_fails_otherwise()
    {
        var random = new Random(5);
        for (int round = 0; round < 5_000; round++)
        {
            char[] text = FormatTexts.Declarations.ToCharArray(0, random.Next(FormatTexts.Declarations.Length));
            for (int change = 0; change < 5 && text.Length > 0; change++)
                text[random.Next(text.Length)] = "[];:*_ \n\t9-x"[random.Next(12)];

            try
            {
                foreach (TracepointField field in TracepointFormat.Parse(text).Fields)
                {
                    field.ReadBytes(new byte[64]);
                    field.TryReadElement(new byte[64], 1, out _);
                }
            }
            catch (FormatException)
            {
                // One of the two answers that are right.
            }
        }
    }

    private static TracepointField Find(string text, string name) =>
        Assert.IsType<TracepointField>(TracepointFormat.Parse(text).FindField(name));
}
