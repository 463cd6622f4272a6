namespace Relay.Client;

/// <summary>What a <see cref="RelayClient"/> is doing.</summary>
public enum RelayClientState
{
    /// <summary>It has not been asked to connect.</summary>
    Created,

    /// <summary>It connects for the first time.</summary>
    Connecting,

    /// <summary>The server has welcomed it.</summary>
    Connected,

    /// <summary>The connection broke, and the client is coming back.</summary>
    Reconnecting,

    /// <summary>It has ended, or is saying goodbye; <see cref="RelayClient.Closed"/> says why.</summary>
    Ended,
}
