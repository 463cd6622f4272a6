using Relay.Core.Rooms;
using Relay.Protocol.Buffers;

namespace Relay.Core.Tests.Rooms;

/// <summary>An outlet without a socket: it hands whole transmissions to a client, and can stall like one whose peer does not
/// read.</summary>
internal sealed class SimulatedOutlet : Outlet
{
    private readonly List<byte> _written = [];

    /// <summary>Whether the peer has stopped reading: the flush under way then does not finish.</summary>
    public bool IsStalled { get; set; }

    /// <summary>Whether a flush is unfinished.</summary>
    public bool IsFlushing { get; private set; }

    /// <summary>Bytes that wait for a stalled peer.</summary>
    public int Held => _written.Count;

    /// <summary>Transmissions flushed.</summary>
    public int Flushes { get; private set; }

    public CloseReason? ClosedWith { get; private set; }

    public CloseReason? AbortedWith { get; private set; }

    public bool IsReleased { get; private set; }

    /// <summary>Whether what is flushed gets lost on the way, as when a network breaks and nobody has noticed.</summary>
    public bool IsLossy { get; set; }

    /// <summary>Called when the connection is cut off.</summary>
    public Action? OnAborted { get; set; }

    /// <summary>Gets the bytes of each transmission.</summary>
    public Action<byte[]>? OnBytes { get; set; }

    public override bool IsReady => !IsFlushing && ClosedWith is null && AbortedWith is null;

    public override void Write(SharedBuffer frames)
    {
        Assert.True(IsReady, "Written to while it was not ready.");
        _written.AddRange(frames.Frames);
    }

    public override void Flush()
    {
        Flushes++;
        if (IsStalled)
        {
            IsFlushing = true;
            return;
        }

        Deliver();
    }

    /// <summary>The peer reads again: the held transmission goes through.</summary>
    public void Resume()
    {
        IsStalled = false;
        if (IsFlushing)
        {
            IsFlushing = false;
            Deliver();
        }
    }

    public override void Close(CloseReason reason)
    {
        Deliver();
        ClosedWith = reason;
    }

    public override void Abort(CloseReason reason)
    {
        if (AbortedWith is null)
        {
            AbortedWith = reason;
            OnAborted?.Invoke();
        }
    }

    public override void Released() => IsReleased = true;

    private void Deliver()
    {
        byte[] bytes = [.. _written];
        _written.Clear();
        if (!IsLossy)
        {
            OnBytes?.Invoke(bytes);
        }
    }
}
