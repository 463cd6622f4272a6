using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>A room did not do what its <see cref="IRoomHandler"/>, or the server for somebody else, asked for. Nothing of it was done,
/// unless <see cref="Code"/> is <see cref="CloseCode.StoreUnavailable"/> and the message says otherwise.</summary>
public sealed class RoomRefusedException : Exception
{
    internal RoomRefusedException(in Fault fault)
        : base(fault.Text) => (Code, Limit, Value) = (fault.Code, fault.Limit, fault.Value);

    /// <summary>Why, from the table of protocol-spec.md §9. <see cref="CloseCode.NotFound"/> also when the room has ended.</summary>
    public CloseCode Code { get; }

    /// <summary>The limit that was broken, in the unit that the message names; 0 if none.</summary>
    public double Limit { get; }

    /// <summary>The value that broke it; 0 if none.</summary>
    public double Value { get; }
}
