using System.Runtime.ExceptionServices;
using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

/// <summary>A thread of the test, of which it can be told whether it sleeps, and which can't outlast the test unseen.</summary>
internal sealed class OtherThread
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly Thread _thread;
    private Exception? _error;
    private int _id;

    internal OtherThread(Action action)
    {
        _thread = new Thread(() =>
        {
            try
            {
                Volatile.Write(ref _id, Affinity.ThreadId());
                action();
            }
            catch (Exception error) when (Keep(error))
            {
            }
        })
        {
            IsBackground = true,
        };
        _thread.Start();
    }

    /// <summary>Returns once the kernel says that the thread sleeps: a waiting read has nothing else to sleep in.</summary>
    internal void UntilItSleeps() => Wait.Until(() => State() == 'S', "the thread to sleep", seen: () => $"state {State()}");

    /// <summary>Returns when the action has, with the exception that ended it.</summary>
    internal void Join()
    {
        Assert.True(_thread.Join(Bound), $"the thread still runs after {Bound}");
        if (_error is not null)
            ExceptionDispatchInfo.Throw(_error);
    }

    private bool Keep(Exception error)
    {
        _error = error;
        return true;
    }

    private char State()
    {
        int id = Volatile.Read(ref _id);
        if (id == 0)
            return '-';

        // The name of the thread is in parentheses, and may hold any character.
        string stat = File.ReadAllText($"/proc/self/task/{id}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }
}
