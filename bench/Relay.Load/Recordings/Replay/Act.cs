using Relay.Protocol.Frames;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Replay;

/// <summary>What a member of a recording does.</summary>
internal enum ActKind
{
    /// <summary>It comes into the room.</summary>
    Arrive,

    /// <summary>It leaves.</summary>
    Depart,

    /// <summary>It moves its avatar.</summary>
    Move,

    /// <summary>It moves an object.</summary>
    MoveObject,

    /// <summary>It sends a numbered message.</summary>
    Send,
}

/// <summary>One thing that a member of a recording does.</summary>
/// <param name="micros">When, from the beginning of the recording.</param>
/// <param name="kind">What.</param>
/// <param name="member">Who.</param>
internal sealed class Act(long micros, ActKind kind, uint member)
{
    public long Micros => micros;

    public ActKind Kind => kind;

    /// <summary>Who; all numbers are those of the recording.</summary>
    public uint Member => member;

    /// <summary>What is sent.</summary>
    public FrameType Type { get; init; } = kind switch
    {
        ActKind.Arrive => FrameType.Join,
        ActKind.Depart => FrameType.Leave,
        _ => FrameType.TransformUpdate,
    };

    /// <summary>Send: its body, as it was recorded.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Moves: what is sent.</summary>
    public TransformUpdateEntry Entry { get; init; }

    /// <summary>MoveObject: which; 0 if the recording does not tell.</summary>
    public uint Object { get; init; }

    /// <summary>Send of CreateObject and CloneObject: the objects that came of it, the topmost first. None if it was refused.</summary>
    public List<uint> Makes { get; } = [];
}
