using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Relay.Core.Transport.Direct;

/// <summary>
/// A set of descriptors to be watched, epoll(7), and an alarm in it that other threads can ring. Each descriptor has a tag; a caller
/// that reuses descriptors gives each use a tag of its own (<see cref="TagTable{T}"/>), so that an event that was fetched before a close
/// is never taken for one of the descriptor's next use.
/// </summary>
internal sealed unsafe class EpollSet : IDisposable
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerClosed = 0x2000;
    public const uint OneShot = 1u << 30;
    public const uint EdgeTriggered = 1u << 31;

    /// <summary>The tag of the alarm.</summary>
    public const ulong AlarmTag = 0;

    private const int AddOperation = 1;
    private const int RemoveOperation = 2;
    private const int ModifyOperation = 3;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Capacity = 1024;

    // struct epoll_event is packed on x64 and nowhere else.
    private static readonly int TagOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EntrySize = TagOffset + 8;

    private readonly int _set;
    private readonly int _alarm;
    private readonly byte[] _entries = GC.AllocateUninitializedArray<byte>(Capacity * EntrySize, pinned: true);
    private int _disposed;

    /// <summary>Makes an empty set.</summary>
    /// <exception cref="IOException">The system has no descriptors left.</exception>
    public EpollSet()
    {
        _set = Libc.EpollCreate(CloseOnExec);
        _alarm = Libc.EventDescriptor(0, CloseOnExec | NonBlocking);
        if (_set < 0 || _alarm < 0 || !TryAdd(_alarm, Readable, AlarmTag))
        {
            throw new IOException($"The direct road could not make an epoll set: errno {Libc.Errno}.");
        }
    }

    /// <summary>Watches a descriptor.</summary>
    /// <returns>False when the system refuses.</returns>
    public bool TryAdd(int descriptor, uint interest, ulong tag) => Control(AddOperation, descriptor, interest, tag) == 0;

    /// <summary>Watches it for something else.</summary>
    public void Modify(int descriptor, uint interest, ulong tag) => Control(ModifyOperation, descriptor, interest, tag);

    /// <summary>Watches it no more. A closed descriptor would leave by itself, unless a child process still has it.</summary>
    public void Remove(int descriptor) => Control(RemoveOperation, descriptor, 0, 0);

    /// <summary>Waits for events.</summary>
    /// <param name="milliseconds">How long; 0 not at all, −1 for ever.</param>
    /// <returns>How many there are: <see cref="this[int]"/>.</returns>
    public int Wait(int milliseconds)
    {
        fixed (byte* entries = _entries)
        {
            return Math.Max(0, Libc.EpollWait(_set, entries, Capacity, milliseconds));
        }
    }

    /// <summary>One of the events of the last <see cref="Wait"/>.</summary>
    public (uint Events, ulong Tag) this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _entries.AsSpan(index * EntrySize, EntrySize);
            return (MemoryMarshal.Read<uint>(entry), MemoryMarshal.Read<ulong>(entry[TagOffset..]));
        }
    }

    /// <summary>Whether the last <see cref="Wait"/> brought as many events as fit: there may be more.</summary>
    public static bool IsFull(int count) => count == Capacity;

    /// <summary>Waits for the alarm alone; other descriptors may become ready meanwhile.</summary>
    /// <param name="micros">How long at most.</param>
    public void WaitForAlarm(long micros)
    {
        var entry = new Libc.PollEntry { Descriptor = _alarm, Interest = (short)Readable };
        var timeout = new Libc.Time { Seconds = micros / 1_000_000, Nanoseconds = micros % 1_000_000 * 1000 };
        if (Libc.Poll(&entry, 1, &timeout, null) > 0)
        {
            ClearAlarm();
        }
    }

    /// <summary>Rings the alarm. Any thread.</summary>
    public void Ring()
    {
        ulong one = 1;
        if (Volatile.Read(ref _disposed) == 0)
        {
            _ = Libc.Write(_alarm, &one, sizeof(ulong));
        }
    }

    /// <summary>Makes the alarm silent again.</summary>
    public void ClearAlarm()
    {
        ulong count;
        _ = Libc.Read(_alarm, &count, sizeof(ulong));
    }

    /// <summary>Ends the set. What is called later does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _ = Libc.Close(_alarm);
            _ = Libc.Close(_set);
        }
    }

    private int Control(int operation, int descriptor, uint interest, ulong tag)
    {
        if (Volatile.Read(ref _disposed) == 1)
        {
            return -1;
        }

        byte* entry = stackalloc byte[16];
        Unsafe.WriteUnaligned(entry, interest);
        Unsafe.WriteUnaligned(entry + TagOffset, tag);
        return Libc.EpollControl(_set, operation, descriptor, entry);
    }
}
