using Relay.Load.Recordings.Print;
using Relay.Load.Wire;

namespace Relay.Load.Recordings.Replay;

/// <summary>What is to become of a recording.</summary>
internal sealed record ReplayOptions
{
    public required string File { get; init; }

    /// <summary>HOST:PORT of the server to play to; <c>null</c> to print.</summary>
    public string? To { get; init; }

    /// <summary>The room to play in; <c>null</c> for one of the recorded name.</summary>
    public string? Room { get; init; }

    public double Speed { get; init; } = 1;

    public LoadTransport Transport { get; init; }

    /// <summary>Seconds that members stay who are in the room at the end.</summary>
    public double Stay { get; init; }

    public PrintOptions Print { get; init; } = new();
}
