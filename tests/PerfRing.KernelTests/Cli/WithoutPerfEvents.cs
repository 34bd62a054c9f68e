using System.Diagnostics;

namespace PerfRing.KernelTests.Cli;

/// <summary>A program that lets the kernel refuse perf_event_open(2), as container runtimes do, and then becomes the one in its
/// arguments.</summary>
internal sealed class WithoutPerfEvents : IDisposable
{
    private const string Source =
        """
        #include <stddef.h>
        #include <unistd.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        int main(int count, char **arguments)
        {
            struct sock_filter program[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_perf_event_open, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog filter = { sizeof program / sizeof *program, program };
            if (count < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
                return 126;
            execvp(arguments[1], arguments + 1);
            return 127;
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("perfring-refusal-");

    /// <summary>Compiles it with the compiler that built the shim.</summary>
    internal WithoutPerfEvents()
    {
        string source = Path.Combine(_folder.FullName, "refuse.c");
        string program = Path.Combine(_folder.FullName, "refuse");
        File.WriteAllText(source, Source);
        using Process compiler = Process.Start("sh", ["-c", "${CC:-cc} -o \"$1\" \"$2\"", "sh", program, source]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        Preparation = [program];
    }

    internal string[] Preparation { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}
