using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;

// A ring is drained once for each time that it is filled, so every iteration is one call: what it calls has to be compiled in
// full at once, as a service that is warm has it.
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).AddJob(
    Job.Default.WithEnvironmentVariable("DOTNET_TieredCompilation", "0").WithIterationCount(60).WithWarmupCount(10));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
