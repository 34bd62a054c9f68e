using System.Text;

namespace PerfRing.KernelTests.Races;

/// <summary>Waits for threads with a bound, and says what each thread of the process does when the bound passes.</summary>
internal static class Watchdog
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    internal static void Join(IEnumerable<Thread> threads, Func<string> seen)
    {
        long until = Environment.TickCount64 + (long)Bound.TotalMilliseconds;
        foreach (Thread thread in threads)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(Math.Max(0, until - Environment.TickCount64));
            if (!thread.Join(left))
                Assert.Fail($"{thread.Name} did not end within {Bound.TotalSeconds} s; {seen()}\n{EveryThread()}");
        }
    }

    /// <summary>Name, state and system call of every thread, by the kernel's own word.</summary>
    private static string EveryThread()
    {
        StringBuilder text = new();
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            text.Append(Path.GetFileName(task)).Append(' ').Append(Line(task, "comm")).Append(": ")
                .Append(Line(task, "wchan")).Append(", syscall ").AppendLine(Line(task, "syscall"));
        }

        return text.ToString();
    }

    private static string Line(string task, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, file)).Trim();
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }
}
