using Relay.Protocol;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms;

/// <summary>
/// Where a connection sits in its room, as far as the thread that reads the connection must know: how records are packed and which slot
/// is its own. Immutable, made at each join; a value that was read for an earlier seat is recognised by the reference.
/// </summary>
internal sealed record Seat(RoomSpace Space, int Slot, byte Generation, uint AgeUnitMicros, CloseCode Hindrance = CloseCode.None);
