using System.IO.MemoryMappedFiles;

namespace PerfRing.Testing.Peer;

/// <summary>How far each writer or reader got, in a file that outlives the process.</summary>
internal sealed class Progress : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    internal Progress(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        _view = _file.CreateViewAccessor();
    }

    internal long this[int index]
    {
        get => _view.ReadInt64(index * sizeof(long));
        set => _view.Write(index * sizeof(long), value);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
