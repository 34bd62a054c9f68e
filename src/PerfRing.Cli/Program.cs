using PerfRing.Cli;

return (int)CommandLine.Run(args);
