using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Relay.Core.Transport.Direct;

/// <summary>
/// The system calls of the direct road. Every descriptor here is non-blocking, so nothing but <see cref="EpollWait"/> and
/// <see cref="Poll"/> ever waits. A call that fails returns −1 and leaves its reason in <see cref="Errno"/>.
/// </summary>
/// <remarks>None of them is marked <c>SuppressGCTransition</c>: a send on loopback runs the receiver's half of TCP as well, some
/// microseconds, against which a transition is nothing (ARCHITECTURE.md, "Decisions").</remarks>
internal static unsafe partial class Libc
{
    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int OutOfMemory = 12;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int NoBufferSpace = 105;

    private const int SocketCloseOnExec = 0x80000;
    private const int DuplicateCloseOnExec = 1030;
    private const int SocketNonBlocking = 0x800;
    private const int MessagePeek = 0x2;
    private const int MessageDontWait = 0x40;
    private const int MessageNoSignal = 0x4000;
    private const int SocketLevel = 1;
    private const int SendBufferSize = 7;
    private const int Linger = 13;
    private const int TcpLevel = 6;
    private const int TcpNoDelay = 1;
    private const int TcpNotSentLowAt = 25;
    private const int LimitOfFiles = 7;

    /// <summary>Why the last call of this thread failed.</summary>
    public static int Errno => Marshal.GetLastPInvokeError();

    /// <summary>How many descriptors this process may have.</summary>
    public static long MaxDescriptors
    {
        get
        {
            ulong* limit = stackalloc ulong[2];
            return GetResourceLimit(LimitOfFiles, limit) == 0 ? (long)Math.Min(limit[0], long.MaxValue) : long.MaxValue;
        }
    }

    /// <summary>Takes a connection off a listening socket.</summary>
    public static int Accept(int listener) => Accept4(listener, null, null, SocketCloseOnExec | SocketNonBlocking);

    /// <summary>Reads what has arrived; 0 is the end of the stream.</summary>
    public static int Receive(int descriptor, Span<byte> into)
    {
        fixed (byte* start = into)
        {
            return (int)Receive(descriptor, start, (nuint)into.Length, MessageDontWait);
        }
    }

    /// <summary>Looks at what has arrived without taking it.</summary>
    public static int Peek(int descriptor, Span<byte> into)
    {
        fixed (byte* start = into)
        {
            return (int)Receive(descriptor, start, (nuint)into.Length, MessageDontWait | MessagePeek);
        }
    }

    /// <summary>Hands bytes to the kernel, as many as it takes.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return (int)Send(descriptor, start, (nuint)bytes.Length, MessageDontWait | MessageNoSignal);
        }
    }

    /// <summary>Hands several pieces to the kernel, as much as it takes.</summary>
    public static int Send(int descriptor, ReadOnlySpan<IoVector> pieces)
    {
        if (pieces.Length == 1)
        {
            return (int)Send(descriptor, pieces[0].Start, pieces[0].Length, MessageDontWait | MessageNoSignal);
        }

        fixed (IoVector* start = pieces)
        {
            var message = new MessageHeader { Pieces = start, PieceCount = (nuint)pieces.Length };
            return (int)SendMessage(descriptor, &message, MessageDontWait | MessageNoSignal);
        }
    }

    /// <summary>Bounds what the kernel holds for a connection, and turns Nagle's algorithm off; see <see cref="Pipe.SocketTuning"/>. An
    /// option that cannot be set is not worth a connection.</summary>
    public static void Tune(int descriptor, KernelLimits limits)
    {
        SetOption(descriptor, TcpLevel, TcpNoDelay, 1);
        if (limits.SendBufferBytes > 0)
        {
            SetOption(descriptor, SocketLevel, SendBufferSize, limits.SendBufferBytes);
        }

        if (limits.UnsentLowWaterBytes > 0)
        {
            SetOption(descriptor, TcpLevel, TcpNotSentLowAt, limits.UnsentLowWaterBytes);
        }
    }

    /// <summary>Has the next close reset the connection instead of ending it in order.</summary>
    public static void ResetOnClose(int descriptor)
    {
        int* linger = stackalloc int[2] { 1, 0 };
        _ = SetSocketOption(descriptor, SocketLevel, Linger, linger, 2 * sizeof(int));
    }

    /// <summary>The address of this end, or of the peer.</summary>
    /// <returns>Null when the connection is gone already.</returns>
    public static IPEndPoint? Address(int descriptor, bool ofPeer)
    {
        const int MaxSize = 128;
        byte* raw = stackalloc byte[MaxSize];
        int size = MaxSize;
        if ((ofPeer ? GetPeerName(descriptor, raw, &size) : GetSocketName(descriptor, raw, &size)) != 0)
        {
            return null;
        }

        const ushort Inet = 2, Inet6 = 10;
        AddressFamily family = *(ushort*)raw switch
        {
            Inet => AddressFamily.InterNetwork,
            Inet6 => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        if (family == AddressFamily.Unspecified)
        {
            return null;
        }

        var address = new SocketAddress(family, size);
        new ReadOnlySpan<byte>(raw, size).CopyTo(address.Buffer.Span);
        return (IPEndPoint)new IPEndPoint(IPAddress.None, 0).Create(address);
    }

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    /// <summary>The number that the next descriptor would get: the lowest that is free; -1 if there is none.</summary>
    public static int NextDescriptor(int any)
    {
        int next = Control(any, DuplicateCloseOnExec, 0);
        if (next >= 0)
        {
            _ = Close(next);
        }

        return next;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);

    /// <summary>Ends one direction or both: 0 reading, 1 writing, 2 both.</summary>
    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int set, int operation, int descriptor, void* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int set, void* entries, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* into, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* from, nuint length);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, Time* timeout, void* signals);

    private static void SetOption(int descriptor, int level, int name, int value) =>
        _ = SetSocketOption(descriptor, level, name, &value, sizeof(int));

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept4(int listener, void* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int descriptor, byte* into, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, byte* from, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int descriptor, int level, int name, void* value, int length);

    [LibraryImport("libc", EntryPoint = "getpeername", SetLastError = true)]
    private static partial int GetPeerName(int descriptor, void* address, int* length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int GetSocketName(int descriptor, void* address, int* length);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetResourceLimit(int resource, ulong* limit);

    /// <summary>A piece of memory to be sent (<c>struct iovec</c>).</summary>
    public struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>A descriptor to be polled (<c>struct pollfd</c>).</summary>
    public struct PollEntry
    {
        public int Descriptor;
        public short Interest;
        public short Result;
    }

    /// <summary>A duration (<c>struct timespec</c>).</summary>
    public struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }

    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
