namespace Relay.Conformance.Tests.Kit;

/// <summary>How frames are cut into writes. A server must not notice.</summary>
internal enum Pieces
{
    /// <summary>All in one.</summary>
    One,

    /// <summary>Each frame by itself.</summary>
    Frames,

    /// <summary>Each byte by itself.</summary>
    Bytes,
}
