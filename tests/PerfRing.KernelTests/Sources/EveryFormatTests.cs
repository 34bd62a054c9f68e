using PerfRing.Testing;

namespace PerfRing.KernelTests.Sources;

[Collection(Machine.Name)]
public sealed class EveryFormatTests
{
    [KernelFact(Needs.Tracepoints)]
    public void Every_format_that_this_kernel_has_is_understood()
    {
        string[] formats = Directory.GetFiles(Path.Combine(TracingFs.Path, "events"), "format", SearchOption.AllDirectories);
        Assert.True(formats.Length > 100, $"only {formats.Length} formats were found");
        foreach (string file in formats)
        {
            TracepointFormat format = TracepointFormat.Parse(File.ReadAllText(file), "any");
            string directory = Path.GetDirectoryName(file)!;
            Assert.Equal(Path.GetFileName(directory), format.Name);
            Assert.NotEmpty(format.Fields);

            // Fields lie one behind the other; a format that was read wrongly would overlap. Fields without a size go on to
            // the end of the record.
            int end = 0;
            foreach (TracepointField field in format.Fields.Where(f => f.Size != 0).OrderBy(f => f.Offset))
            {
                Assert.True(field.Offset >= end, $"{file}: {field.Name} at {field.Offset} overlaps what ends at {end}");
                end = field.Offset + field.Size;
            }
        }
    }
}
