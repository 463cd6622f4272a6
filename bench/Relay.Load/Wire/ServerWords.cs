using System.Text;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Load.Wire;

/// <summary>What a server says when it says no, in one line.</summary>
internal static class ServerWords
{
    public static string Of(in CloseFrame close) =>
        $"the server closed: {(int)close.Code} {CloseCodes.Name(close.Code)} (cause {(int)close.Cause}, " +
        $"limit {close.Limit}, value {close.Value}) {Encoding.UTF8.GetString(close.TextUtf8)}";

    public static string Of(in ErrorFrame error) =>
        $"the server refused {error.RefusedType}: {(int)error.Code} {CloseCodes.Name(error.Code)} " +
        $"(limit {error.Limit}, value {error.Value}) {Encoding.UTF8.GetString(error.TextUtf8)}";

    public static string Of(in GoAway goAway) => $"the server says goodbye: {(int)goAway.Reason} {CloseCodes.Name(goAway.Reason)}";
}
