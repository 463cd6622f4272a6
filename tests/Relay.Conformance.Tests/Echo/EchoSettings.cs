using Relay.Core.Hosting;

namespace Relay.Conformance.Tests.Echo;

/// <summary>How an echo reads: what its <c>WebSocketReader</c> is made with.</summary>
/// <param name="MaxMessage">Longest message, in bytes.</param>
/// <param name="MaxFragments">Most fragments of a message.</param>
/// <param name="AcceptText">Whether text messages are spoken.</param>
internal sealed record EchoSettings(int MaxMessage, int MaxFragments, bool AcceptText)
{
    /// <summary>The highest limits that the product's options allow, and text besides: what all cases need to be tried in full.</summary>
    public static EchoSettings Wide { get; } = new(1 << 24, 1_000_000, AcceptText: true);

    /// <summary>What a relay has if nobody sets anything.</summary>
    public static EchoSettings Production { get; } = new(new RelayLimits().MaxMessageBytes, new RelayLimits().MaxFragments,
        AcceptText: false);

    /// <summary>The settings of a profile.</summary>
    public static EchoSettings Of(Profile profile) => profile == Profile.Wide ? Wide : Production;
}

/// <summary>Names for <see cref="EchoSettings"/>; they are also the paths at which the echoes listen.</summary>
public enum Profile
{
    /// <summary><see cref="EchoSettings.Wide"/>.</summary>
    Wide,

    /// <summary><see cref="EchoSettings.Production"/>.</summary>
    Production,
}
