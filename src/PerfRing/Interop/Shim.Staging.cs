using System.Runtime.InteropServices;
using PerfRing.Abi;

namespace PerfRing.Interop;

internal static unsafe partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_stage_start")]
    internal static partial int StageStart(in StageConfig config, out void* stage);

    [LibraryImport(Library, EntryPoint = "perfring_stage_kick")]
    internal static partial int StageKick(StagingThread stage);

    [LibraryImport(Library, EntryPoint = "perfring_stage_status")]
    internal static partial int StageStatus(StagingThread stage, out StageStatus status);

    [LibraryImport(Library, EntryPoint = "perfring_stage_stop")]
    internal static partial int StageStop(void* stage);
}
