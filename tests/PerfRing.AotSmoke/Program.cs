using PerfRing;
using PerfRing.AotSmoke;
using PerfRing.Testing.Peer;

// What a program compiled ahead of time does with the library, step by step. Each says what it did, or ends the process.
string everywhere = ThreadCpus.OfProcess();
int cpu = CpuAffinity.Current.First;

Console.WriteLine(SharedRingSteps.ReadByBatch());
Console.WriteLine(SharedRingSteps.Drain());
Console.WriteLine(await SharedRingSteps.ReadThroughPipe());
using (RingPoller poller = new(new RingPollerOptions { Cpus = CpuSet.Of(cpu), ThreadName = "pinned poller" }))
{
    Console.WriteLine(await PinnedPollerSteps.Wait(poller, cpu));
    Console.WriteLine(await PinnedPollerSteps.ReadAll(poller));

    // While they all live.
    Console.WriteLine("narrowed: " + string.Join(
        ", ", ThreadCpus.Read().Where(thread => thread.Cpus != everywhere).Select(static thread => thread.Name)));
}

Console.WriteLine(SwitchSteps.Read());
