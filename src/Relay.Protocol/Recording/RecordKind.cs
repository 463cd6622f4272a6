namespace Relay.Protocol.Recording;

/// <summary>What a record of a recording holds. protocol-spec.md §12.</summary>
public enum RecordKind : byte
{
    /// <summary>A frame that a member sent, as the room applied it: conflated transforms, commands in the order in which they took
    /// effect.</summary>
    In = 0,

    /// <summary>A frame that the room sent; once, however many receivers shared it.</summary>
    Out = 1,

    /// <summary>A frame that tells the room as it was when somebody asked for the recording: who was there, and where.</summary>
    Snapshot = 2,

    /// <summary>Records are missing here: they were overwritten before they were read. No frame.</summary>
    Gap = 3,
}
