using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;

// A ring is drained once for each time that it is filled, so every iteration is one call: it takes many of them until everything
// is compiled as a service that is warm has it.
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance)
    .AddJob(Job.Default.WithIterationCount(100).WithWarmupCount(300));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
