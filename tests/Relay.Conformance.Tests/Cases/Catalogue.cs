using Relay.Conformance.Tests.Echo;
using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>All cases of a profile, in order.</summary>
internal static class Catalogue
{
    private const int KiB = 1 << 10;

    /// <summary>What the sections try, for the table of results.</summary>
    public static IReadOnlyList<(string Section, string Title)> Sections { get; } =
    [
        ("1", "framing"),
        ("2", "pings and pongs"),
        ("3", "reserved bits"),
        ("4", "reserved opcodes"),
        ("5", "fragmentation"),
        ("6", "UTF-8"),
        ("7", "closing"),
        ("9", "limits"),
        ("10", "fragmentation by size"),
        ("R", "beyond Autobahn's"),
    ];

    public static IReadOnlyDictionary<Profile, IReadOnlyList<Case>> Of { get; } = new Dictionary<Profile, IReadOnlyList<Case>>
    {
        [Profile.Wide] =
        [
            .. FramingCases.For(EchoSettings.Wide),
            .. PingCases.All,
            .. ReservedCases.For(WebSocketOpcode.Text),
            .. FragmentationCases.For(WebSocketOpcode.Text),
            .. Utf8Cases.All,
            .. CloseCases.For(WebSocketOpcode.Text, longMessage: 256 * KiB),
            .. LimitCases.For(EchoSettings.Wide),
            .. OwnCases.For(EchoSettings.Wide),
        ],

        // Where a case's messages are only its means they are binary here; text itself is refused in 1.1, 9 and 10.
        [Profile.Production] =
        [
            .. FramingCases.For(EchoSettings.Production),
            .. PingCases.All,
            .. ReservedCases.For(WebSocketOpcode.Binary),
            .. FragmentationCases.For(WebSocketOpcode.Binary),
            .. CloseCases.For(WebSocketOpcode.Binary, longMessage: 64 * KiB),
            .. LimitCases.For(EchoSettings.Production),
            .. OwnCases.For(EchoSettings.Production),
        ],
    };
}
