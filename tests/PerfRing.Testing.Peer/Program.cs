using PerfRing.Testing.Peer;

// The other process of a test: it does one thing to a shared ring until it is killed. The first argument says what, the second
// where the ring is, as /proc/<pid>/fd/<number> of the test. Or it awaits readers of its own, to the end; or it makes system calls that
// the test traces; or it starts a consumer.
if (args[0].StartsWith("await", StringComparison.Ordinal))
{
    await Awaiting.Run(args[0]);
    return;
}

if (args[0] == "call")
{
    Calling.Run(cpu: Number(1), callsAMillisecond: Number(2));
    return;
}

if (args[0] == "consume-on")
{
    await Consuming.On(cpu: Number(1));
    return;
}

using Progress progress = new(args[2]);
switch (args[0])
{
    case "write":
        Writing.Many(args[1], progress, first: Number(3), writers: Number(4), seed: Number(5));
        break;
    case "write-alone":
        Writing.Alone(args[1], progress, publishEvery: Number(3), seed: Number(4));
        break;
    case "reserve":
        Writing.Reserve(args[1]);
        break;
    case "read":
        ReadingOn.Numbers(args[1], progress);
        break;
    case "scribble":
        Scribbling.Everywhere(args[1], seed: Number(3));
        break;
    default:
        throw new ArgumentException(args[0]);
}

int Number(int index) => int.Parse(args[index], System.Globalization.CultureInfo.InvariantCulture);
