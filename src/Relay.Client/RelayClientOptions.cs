using System.Net.Security;

namespace Relay.Client;

/// <summary>How a <see cref="RelayClient"/> connects. Values are read when it is made and whenever it connects.</summary>
public sealed class RelayClientOptions
{
    private TimeSpan _connectTimeout = TimeSpan.FromSeconds(10);
    private TimeSpan _clockSyncInterval = TimeSpan.FromSeconds(5);
    private int _maxQueuedBytes = 256 * 1024;

    /// <summary>Whatever the server's operator asks for, at most 65,535 bytes; default empty. protocol-spec.md §5.1.</summary>
    public ReadOnlyMemory<byte> Credentials { get; set; }

    /// <summary>
    /// Gets fresh credentials, before every connection and when the server says that they expire; default <c>null</c>:
    /// <see cref="Credentials"/> each time. For what is good once, such as a connect ticket, or for a while. It has
    /// <see cref="ConnectTimeout"/>; what it throws ends the attempt.
    /// </summary>
    public Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>>? CredentialsProvider { get; set; }

    /// <summary>
    /// Name and version of the program for the server's log, at most 255 bytes of UTF-8; default "relay-dotnet". It is never shown to
    /// others.
    /// </summary>
    public string Agent { get; set; } = "relay-dotnet";

    /// <summary>TLS over raw TCP; default <c>null</c>: none. For WebSocket the scheme <c>wss</c> decides.</summary>
    public SslClientAuthenticationOptions? Tls { get; set; }

    /// <summary>Time for everything up to Welcome. Default 10 s: twice what a server allows for Hello. More than zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public TimeSpan ConnectTimeout
    {
        get => _connectTimeout;
        set => _connectTimeout = value > TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "ConnectTimeout must be more than zero.");
    }

    /// <summary>
    /// Time between clock measurements, which serve as heartbeats too; default 5 s, since quartz drifts up to 0.1 ms in that time. At least
    /// 100 ms. If the server's heartbeat is shorter, that holds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 100 ms.</exception>
    public TimeSpan ClockSyncInterval
    {
        get => _clockSyncInterval;
        set => _clockSyncInterval = value >= TimeSpan.FromMilliseconds(100)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "ClockSyncInterval must be at least 100 ms.");
    }

    /// <summary>
    /// The most bytes of joins, events and answers that wait for the network; beyond it sending waits. Default 262,144 (256 KiB), four
    /// events of the largest usual size. At least 4,096. Transforms never queue: the newest wins.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 4,096.</exception>
    public int MaxQueuedBytes
    {
        get => _maxQueuedBytes;
        set => _maxQueuedBytes = value >= 4096
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "MaxQueuedBytes must be at least 4096.");
    }

    /// <summary>How the client comes back when its connection breaks; by default it does.</summary>
    public ReconnectOptions Reconnect { get; } = new();

    /// <summary>Sees every frame in and out; default <c>null</c>: nobody, which costs nothing.</summary>
    public IFrameObserver? FrameObserver { get; set; }

    /// <summary>The clock; default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
