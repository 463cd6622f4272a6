namespace Relay.Load.Recordings.Replay;

/// <summary>Whether something of a recording is known by its number in the live room.</summary>
internal enum Lookup
{
    /// <summary>It is.</summary>
    Known,

    /// <summary>Not yet: the server has not answered.</summary>
    NotYet,

    /// <summary>It never will be: it is from before the recording, or was refused.</summary>
    Never,
}
