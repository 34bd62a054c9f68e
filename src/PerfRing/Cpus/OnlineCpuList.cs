using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PerfRing;

/// <summary>A list of CPUs in a file of sysfs that is kept open, to be looked at again and again: one pread(2) a look, and an
/// allocation only when the list has changed.</summary>
internal sealed class OnlineCpuList(string path)
{
    private readonly Lock _gate = new();

    // A file of sysfs is a page at most.
    private readonly byte[] _text = new byte[Environment.SystemPageSize];
    private readonly byte[] _last = new byte[Environment.SystemPageSize];
    private int _lastLength = -1;
    private CpuSet? _cpus;
    private SafeFileHandle? _file;
    private bool _isUnreadable;

    /// <summary>The list as it is now.</summary>
    /// <returns>Null if it can't be read. Then it is not tried again: nothing mounts a sysfs under a running service, and a
    /// refusal each time would cost an exception each time.</returns>
    internal CpuSet? Read()
    {
        lock (_gate)
        {
            if (_isUnreadable)
                return null;

            try
            {
                _file ??= File.OpenHandle(path);
                int length = RandomAccess.Read(_file, _text, 0);
                ReadOnlySpan<byte> text = _text.AsSpan(0, length);
                if (_lastLength < 0 || !text.SequenceEqual(_last.AsSpan(0, _lastLength)))
                {
                    _cpus = CpuSet.Parse(Encoding.ASCII.GetString(text));
                    text.CopyTo(_last);
                    _lastLength = length;
                }

                return _cpus;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                _isUnreadable = true;
                return null;
            }
        }
    }
}
