namespace Relay.Core.Transport.Ingress;

/// <summary>The limits that apply to what clients send, as the server's options have them.</summary>
internal sealed record IngressLimits
{
    /// <summary>Longest body of a frame, in bytes.</summary>
    public int MaxFrameBody { get; init; } = 16 * 1024;

    /// <summary>Longest WebSocket message, in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>Most fragments of a WebSocket message.</summary>
    public int MaxFragments { get; init; } = 1024;

    /// <summary>Frames a second; 0 for no limit.</summary>
    public int FramesPerSecond { get; init; } = 60;

    /// <summary>Frames at once.</summary>
    public int FrameBurst { get; init; } = 120;

    /// <summary>Events of the application a second; 0 for no limit.</summary>
    public int EventsPerSecond { get; init; } = 30;

    /// <summary>Events of the application at once.</summary>
    public int EventBurst { get; init; } = 60;

    /// <summary>Longest payload of an event, in bytes.</summary>
    public int MaxEventPayload { get; init; } = 8 * 1024;

    /// <summary>Longest name of a room, in bytes of UTF-8.</summary>
    public int MaxRoomNameBytes { get; init; } = 128;
}
