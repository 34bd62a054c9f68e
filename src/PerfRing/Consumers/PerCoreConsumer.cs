namespace PerfRing;

/// <summary>Dedicated threads, pinned to the CPUs whose rings they read, that hand every record to a handler.</summary>
/// <example>
/// <code>
/// await using var consumer = PerCoreConsumer.Start(reader, cpu =&gt; new Handler(cpu));
/// await consumer.Completion;
/// </code>
/// </example>
/// <remarks>
/// <para>Each ring is read by one thread only, and each handler called by one thread only, so handlers need no lock. In steady state
/// nothing is allocated.</para>
/// <para>The threads start no thread, timer or pool work, since those would inherit the affinity; nor should a handler. It may hand
/// over to a thread that runs already.</para>
/// <para>While the consumer runs its readers are split: they can't be read otherwise. When it has ended they can, and stay open.
/// Disposing a reader ends the threads that read it, at once.</para>
/// </remarks>
public sealed class PerCoreConsumer : IAsyncDisposable
{
    private static long _lastId;

    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly PerCoreConsumerOptions _options;
    private readonly List<ConsumerThread> _threads = [];
    private int _running;
    private Exception? _failure;

    private PerCoreConsumer(PerCoreConsumerOptions options) => _options = options;

    /// <summary>Ends when all threads have: because the consumer was disposed, its readers were, their tasks ended, or every handler
    /// said so; and with the exception of the handler that threw first.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Starts to read with the default options.</summary>
    /// <inheritdoc cref="Start{THandler}(IEnumerable{RingReader}, Func{int, THandler}, PerCoreConsumerOptions)"/>
    public static PerCoreConsumer Start<THandler>(RingReader reader, Func<int, THandler> handlerFor)
        where THandler : struct, IRecordHandler => Start(reader, handlerFor, new PerCoreConsumerOptions());

    /// <summary>Starts to read a reader.</summary>
    /// <param name="reader">Stays the caller's.</param>
    /// <param name="handlerFor">Makes the handler of each ring from its CPU, or -1.</param>
    /// <param name="options">How.</param>
    /// <inheritdoc cref="Start{THandler}(IEnumerable{RingReader}, Func{int, THandler}, PerCoreConsumerOptions)"/>
    public static PerCoreConsumer Start<THandler>(
        RingReader reader, Func<int, THandler> handlerFor, PerCoreConsumerOptions options)
        where THandler : struct, IRecordHandler
    {
        ArgumentNullException.ThrowIfNull(reader);
        return Start([reader], handlerFor, options);
    }

    /// <summary>Starts to read several readers, of any kinds, with the same threads.</summary>
    /// <typeparam name="THandler">A struct, so that its method is inlined. Called with the records of one ring only, on one thread
    /// only. It returns whether to go on: after false that ring is left, with what is in it.</typeparam>
    /// <param name="readers">They stay the caller's. Rings of the same CPU share a thread.</param>
    /// <param name="handlerFor">Makes the handler of each ring from its CPU, or -1.</param>
    /// <param name="options">How.</param>
    /// <returns>The consumer, whose threads run.</returns>
    /// <exception cref="ArgumentException">There is no reader; or an option is out of range, or does not go with a reader.</exception>
    /// <exception cref="InvalidOperationException">A reader is being read, or is split.</exception>
    /// <exception cref="NotSupportedException">A reader overwrites.</exception>
    /// <exception cref="ObjectDisposedException">A reader is disposed.</exception>
    /// <exception cref="SystemCallException">The kernel refused to pin or to schedule a thread as asked; nothing was read
    /// then.</exception>
    public static PerCoreConsumer Start<THandler>(
        IEnumerable<RingReader> readers, Func<int, THandler> handlerFor, PerCoreConsumerOptions options)
        where THandler : struct, IRecordHandler
    {
        ArgumentNullException.ThrowIfNull(readers);
        ArgumentNullException.ThrowIfNull(handlerFor);
        ArgumentNullException.ThrowIfNull(options);
        RingReader[] list = [.. readers];
        options.Validate();
        if (list.Length == 0)
            throw new ArgumentException("There is nothing to read: give at least one reader.", nameof(readers));

        foreach (RingReader reader in list)
        {
            ArgumentNullException.ThrowIfNull(reader, nameof(readers));
            options.ValidateFor(reader);
        }

        if (list.Distinct().Count() != list.Length)
            throw new ArgumentException("A reader is given twice: a ring has one consumer.", nameof(readers));

        PerCoreConsumer consumer = new(options);
        List<ConsumerPlan> plans = ConsumerPlan.Divide([.. list.Select(static reader => reader.RingCpus)], options);
        using ConsumerLanes lanes = new(list, plans);

        // All that may throw comes before the first thread, which holds its lanes.
        UnpinnedDispatcher dispatcher = UnpinnedDispatcher.Shared;
        THandler[][] handlers = [.. plans.Select((_, i) => lanes.Of(i).Select(lane => handlerFor(lane.Cpu)).ToArray())];
        for (int i = 0; i < plans.Count; i++)
        {
            consumer._threads.Add(new HandlerThread<THandler>(
                plans[i], lanes.Of(i), lanes.WaiterOf(i), handlers[i], options, dispatcher, consumer.Ended));
        }

        lanes.HandOver();
        consumer.StartThreads();
        return consumer;
    }

    /// <summary>Makes the threads deliver everything that is in the rings now.</summary>
    /// <returns>Done when every ring has; at once for those whose thread has ended, also if it failed.</returns>
    /// <remarks>An unfinished record of a BPF ring buffer or a shared ring is waited for, 100 ms at most. A handler must not wait for
    /// it: its own ring would never report.</remarks>
    public Task FlushAsync()
    {
        ConsumerFlush flush = new();
        foreach (ConsumerThread thread in _threads)
            thread.Flush(flush);

        flush.Report(UnpinnedDispatcher.Shared);
        return flush.Done;
    }

    /// <summary>What each thread did so far. From any thread, also afterwards.</summary>
    /// <remarks>The instruments of the meter <c>PerfRing</c> whose names begin with <c>perfring.consumer</c> tell the same, and the
    /// event source <c>PerfRing</c> when threads start, end and fail.</remarks>
    public IReadOnlyList<ConsumerStatistics> ReadStatistics() => [.. _threads.Select(static thread => thread.ReadStatistics())];

    /// <summary>Delivers what is in the rings by now, for at most <see cref="PerCoreConsumerOptions.DrainTimeout"/>, and ends the
    /// threads. Idempotent. The readers stay open.</summary>
    /// <remarks>It waits for the threads, so also for a handler that does not return, or that waits for this. What a handler threw is in
    /// <see cref="Completion"/>, and not thrown here.</remarks>
    public async ValueTask DisposeAsync()
    {
        Stop(_options.DrainTimeout);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void StartThreads()
    {
        _running = _threads.Count;
        try
        {
            // A listener may have something against it.
            ConsumerInstruments.Add(this);
            foreach (ConsumerThread thread in _threads)
                thread.Start();
        }
        catch
        {
            foreach (ConsumerThread thread in _threads)
                thread.Go(calledOff: true);

            // The readers are whole again when this throws.
            Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            throw;
        }

        foreach (ConsumerThread thread in _threads)
        {
            RingEventSource.Log.ConsumerThreadStarted(thread.Name, thread.Rings, thread.Cpus?.ToString() ?? "any");
            thread.Go();
        }
    }

    private void Stop(TimeSpan timeout)
    {
        foreach (ConsumerThread thread in _threads)
            thread.Stop(timeout);
    }

    /// <summary>Called on the pool for each thread.</summary>
    private void Ended(ConsumerThread thread)
    {
        bool isFirstFailure;
        bool isLast;
        lock (_gate)
        {
            isFirstFailure = thread.Failure is not null && _failure is null;
            _failure ??= thread.Failure;
            isLast = --_running == 0;
        }

        Log(thread);
        if (isFirstFailure && _options.StopsOnFailure)
            Stop(TimeSpan.Zero);

        if (!isLast)
            return;

        ConsumerInstruments.Remove(this);
        if (_failure is null)
            _completion.SetResult();
        else
            _completion.SetException(_failure);
    }

    /// <summary>Tells consumers of this process apart, whose threads may have the same names.</summary>
    internal long Id { get; } = Interlocked.Increment(ref _lastId);

    private static void Log(ConsumerThread thread)
    {
        if (!RingEventSource.Log.IsEnabled())
            return;

        ConsumerStatistics statistics = thread.ReadStatistics();
        if (thread.Failure is { } failure)
            RingEventSource.Log.ConsumerThreadFailed(thread.Name, failure.GetType().ToString());

        RingEventSource.Log.ConsumerThreadEnded(thread.Name, statistics.Records, statistics.Wakeups);
    }
}
