using System.Globalization;
using System.Text;
using PerfRing.Tests.Architecture;

namespace PerfRing.Tests.Native;

/// <summary>Asks the C compiler of this machine for values, under the headers that the shim is compiled with.</summary>
internal static class NativeHeaders
{
    private static readonly string[] Includes =
    [
        "errno.h", "fcntl.h", "stddef.h", "stdint.h", "stdio.h", "string.h", "sys/epoll.h", "sys/mman.h", "sys/stat.h",
        "linux/bpf.h", "linux/capability.h", "linux/membarrier.h", "linux/memfd.h", "linux/perf_event.h", "linux/sched.h",
        "linux/sched/types.h", "linux/version.h", "perfring_shim.h",
    ];

    /// <summary>The value of each expression, as 64 bits; without those that the installed headers are too old for.</summary>
    internal static async Task<IReadOnlyDictionary<string, long>> Evaluate(IReadOnlyDictionary<string, NativeValue> values)
    {
        using TemporaryFolder folder = new();
        string source = folder["values.c"];
        string program = folder["values"];
        await File.WriteAllTextAsync(source, Program(values));

        // Through the shell, unquoted, as the build does it: CC may be a command with arguments.
        ChildProcess compiler = await ChildProcess.Run(
            "sh", "-c", "${CC:-cc} -std=gnu11 -I\"$1\" -o \"$2\" \"$3\"", "sh",
            Path.Combine(SourceTree.Root, "native-shim/include"), program, source);
        Assert.Empty(compiler.Lines);

        return (await ChildProcess.Run(program)).Lines
            .Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    private static string Program(IReadOnlyDictionary<string, NativeValue> values)
    {
        StringBuilder text = new("#define _GNU_SOURCE\n");
        foreach (string include in Includes)
            text.Append(CultureInfo.InvariantCulture, $"#include <{include}>\n");

        text.Append("int main(void)\n{\n");
        foreach ((string name, NativeValue value) in values)
        {
            if (value.Since is { } since)
                text.Append(CultureInfo.InvariantCulture, $"#if LINUX_VERSION_CODE >= KERNEL_VERSION({since})\n");
            text.Append(
                CultureInfo.InvariantCulture,
                $"    printf(\"%s %lld\\n\", \"{name}\", (long long)({value.Expression}));\n");
            if (value.Since is not null)
                text.Append("#endif\n");
        }

        return text.Append("}\n").ToString();
    }
}
