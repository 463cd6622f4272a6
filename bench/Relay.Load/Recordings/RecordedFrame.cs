using Relay.Protocol.Frames;
using Relay.Protocol.Recording;

namespace Relay.Load.Recordings;

/// <summary>One frame of a recording.</summary>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="Micros">When, from the first record on.</param>
/// <param name="Kind">Sent by a member, told by the room, or the room as it was.</param>
/// <param name="Member">In: who sent it. Out: the one that it was for, or 0.</param>
/// <param name="Type">Its type.</param>
/// <param name="Body">Its body.</param>
internal readonly record struct RecordedFrame(
    int Offset, long Micros, RecordKind Kind, uint Member, FrameType Type, ReadOnlyMemory<byte> Body);
