using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

public sealed class ConsumerInstrumentsTests
{
    [Fact]
    public async Task The_meter_tells_what_a_consumer_counts_while_it_runs()
    {
        string name = $"t{Guid.NewGuid():N}"[..12];
        ConcurrentDictionary<string, double> seen = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == "PerfRing")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, new Recorder().For, new PerCoreConsumerOptions { Placement = ThreadPlacement.Unpinned, ThreadName = name });
        ring.WriteNumbers(1, 7);
        await consumer.FlushAsync();
        listener.RecordObservableInstruments();
        Assert.Equal(7, seen["perfring.consumer.records"]);
        Assert.True(seen.ContainsKey("perfring.consumer.wakeups"));
        seen.Clear();
        await consumer.DisposeAsync();
        listener.RecordObservableInstruments();
        Assert.Empty(seen);

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (Equals(tag.Value, name))
                    seen[instrument.Name] = value;
            }
        }
    }

    [Fact]
    public async Task The_event_source_tells_of_threads_that_start_end_and_fail()
    {
        using Listener listener = new();
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        string name = $"t{Guid.NewGuid():N}"[..12];
        Recorder seen = new();
        PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader,
            cpu => new Recorder.Handler(seen, cpu) { ThrowsAt = 1 },
            new PerCoreConsumerOptions { Placement = ThreadPlacement.Unpinned, ThreadName = name });
        ring.WriteNumbers(1, 1);
        await Assert.ThrowsAsync<HandlerException>(() => consumer.Completion);
        Wait.Until(
            () => listener.Of(name).Count == 3, "three events", seen: () => string.Join(", ", listener.Of(name)));
        Assert.Equal(["ConsumerThreadStarted", "ConsumerThreadFailed", "ConsumerThreadEnded"], listener.Of(name));
    }

    private sealed class Listener : EventListener
    {
        private readonly ConcurrentQueue<(string Event, object? Thread)> _seen = new();

        internal List<string> Of(string thread) =>
            [.. _seen.Where(entry => Equals(entry.Thread, thread)).Select(static entry => entry.Event)];

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "PerfRing")
                EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
            _seen.Enqueue((eventData.EventName!, eventData.Payload?[0]));
    }
}
