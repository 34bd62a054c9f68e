namespace PerfRing.AotSmoke;

/// <summary>The kernel's own rings, where it allows that.</summary>
internal static class SwitchSteps
{
    private const int Wanted = 100;

    internal static string Read()
    {
        try
        {
            using PerfEventReader reader = PerfEventReader.Open(
                PerfEventSource.Tracepoint("sched:sched_switch"),
                new PerfEventReaderOptions { Wakeup = Wakeup.Immediate.Within(TimeSpan.FromMilliseconds(1)) });
            TracepointField next = reader.Sources[0].Format!.FindField("next_comm")!;
            Naming handler = new(next);
            while (handler.Named < Wanted)
                reader.Drain(ref handler, timeout: TimeSpan.FromSeconds(1));

            return $"sched_switch: {Wanted} threads named";
        }
        catch (PerfRingException e)
        {
            return $"sched_switch: not here ({e.Message})";
        }
    }

    private struct Naming(TracepointField next) : IRecordHandler
    {
        internal int Named { get; private set; }

        public bool Handle(Record record)
        {
            Named += record.Kind == RecordKind.Sample && next.ReadPooledString(record.Payload).Length > 0 ? 1 : 0;
            return true;
        }
    }
}
