using Relay.Protocol.Buffers;

namespace Relay.Core.Rooms;

/// <summary>The way out of a session that has no connection at the moment: never ready, so that a room passes it over like any receiver
/// that is slow.</summary>
internal sealed class AbsentOutlet : Outlet
{
    private AbsentOutlet()
    {
    }

    public static AbsentOutlet Instance { get; } = new();

    public override bool IsReady => false;

    public override void Write(SharedBuffer frames)
    {
    }

    public override void Flush()
    {
    }

    public override void Close(CloseReason reason)
    {
    }

    public override void Abort(CloseReason reason)
    {
    }
}
