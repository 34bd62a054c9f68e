namespace PerfRing.Tests.SharedRings;

/// <summary>Numbers that another process noted before it was killed.</summary>
internal sealed class ProgressFile : IDisposable
{
    internal ProgressFile(int count)
    {
        Path = System.IO.Path.GetTempFileName();
        File.WriteAllBytes(Path, new byte[count * sizeof(long)]);
    }

    internal string Path { get; }

    internal long[] Numbers()
    {
        byte[] bytes = File.ReadAllBytes(Path);
        long[] numbers = new long[bytes.Length / sizeof(long)];
        Buffer.BlockCopy(bytes, 0, numbers, 0, bytes.Length);
        return numbers;
    }

    public void Dispose() => File.Delete(Path);
}
