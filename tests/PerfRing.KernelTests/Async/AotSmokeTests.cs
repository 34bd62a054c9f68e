using PerfRing.Testing;

namespace PerfRing.KernelTests.Async;

/// <summary>The library in a program that is compiled ahead of time: no JIT, and threads that inherit their affinity.</summary>
[Collection(Machine.Name)]
public sealed class AotSmokeTests
{
    /// <summary>Most of it for the compiler, on a machine that is busy with other tests.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [KernelFact(Needs.NativeAot | Needs.Tracepoints | Needs.PerfEvents | Needs.TwoCpus)]
    public void A_program_compiled_ahead_of_time_reads_awaits_and_leaves_every_thread_but_the_pollers_unpinned()
    {
        // Mounted for as long as this process lives.
        _ = TracingFs.Path;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("perfring-aot-");
        try
        {
            string program = Publish(folder.FullName);
            Assert.Equal(
                [
                    "batch: sum 5050",
                    "drain: 100 records, sum 5050",
                    "pipe: sum 5050, nothing behind it",
                    "waits: 1600, with suspending",
                    "read all: 200",
                    "narrowed: pinned poller",
                    "sched_switch: 100 threads named",
                ],
                Command.Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Publishes it beside the ordinary build, of which no file is touched. Warnings are errors, those of the trimmer and
    /// the compiler included.</summary>
    private static string Publish(string folder)
    {
        string into = Path.Combine(folder, "published");
        Command.Run(Patience, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [
            "publish", Path.Combine(Repository.Root, "tests/PerfRing.AotSmoke"), "-c", "Release",
            "--artifacts-path", Path.Combine(folder, "artifacts"), "-o", into,
            "-m:1", "-nodeReuse:false", "--disable-build-servers",

            // All packages are there since the tests were built: no network is needed but for the list of known weaknesses.
            // What the analyzers say was said by that build.
            "-p:NuGetAudit=false", "-p:RunAnalyzers=false",
        ]);
        return Path.Combine(into, "PerfRing.AotSmoke");
    }
}
