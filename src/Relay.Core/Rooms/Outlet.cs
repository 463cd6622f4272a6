using Relay.Protocol.Buffers;

namespace Relay.Core.Rooms;

/// <summary>
/// The way out of a connection: what a shard needs of a socket, and no more. The pipe road, the direct road and the tests each have one.
/// Every member is called by the shard that owns the connection.
/// </summary>
internal abstract class Outlet
{
    /// <summary>
    /// Whether the last write has gone. While it has not, the receiver is given nothing new: it only falls behind. An outlet that becomes
    /// ready again calls <see cref="Connection.Attend"/>, or is simply found ready at the next tick.
    /// </summary>
    public abstract bool IsReady { get; }

    /// <summary>Bytes that wait in user space since the receiver has not taken them; 0 also where that is not known.</summary>
    public virtual long HeldBytes => 0;

    /// <summary>Takes some whole frames. Only when <see cref="IsReady"/>; copies them, or retains the buffer until they have
    /// gone.</summary>
    public abstract void Write(SharedBuffer frames);

    /// <summary>Sends what was written since the last flush.</summary>
    public abstract void Flush();

    /// <summary>Remembers a WebSocket ping, of which only the last is answered (RFC 6455 §5.5.3 allows it). Called by whoever reads the
    /// connection.</summary>
    public virtual void Owe(ReadOnlySpan<byte> pingPayload)
    {
    }

    /// <summary>Whether the transport itself owes its peer something (a WebSocket pong).</summary>
    public virtual bool OwesControl => false;

    /// <summary>Writes what <see cref="OwesControl"/> tells of. Only when <see cref="IsReady"/>.</summary>
    public virtual void WriteControl()
    {
    }

    /// <summary>Ends the connection in good order after what was written; the road posts <see cref="CommandKind.Gone"/> when it has
    /// ended.</summary>
    public abstract void Close(CloseReason reason);

    /// <summary>Ends the connection at once, whatever is under way.</summary>
    public abstract void Abort(CloseReason reason);

    /// <summary>A shard has taken the connection over and will call from now on.</summary>
    public virtual void Entered(Shard shard)
    {
    }

    /// <summary>The shard gives the connection to another one, or has done with it.</summary>
    public virtual void Left()
    {
    }

    /// <summary>The shard has let go of this way out and will not call again.</summary>
    public virtual void Released()
    {
    }
}
