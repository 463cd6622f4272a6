using System.Globalization;
using System.Text;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Client;

/// <summary>How a connection ended. The first reason wins; there is one per connection. protocol-spec.md §5.3.</summary>
/// <param name="Code">Why, from the table of protocol-spec.md §9; <see cref="CloseCode.Abnormal"/> when the transport broke off without
/// saying.</param>
/// <param name="Cause">A finer reason, or <see cref="CloseCode.None"/>.</param>
/// <param name="Limit">The limit that was broken; 0 if none.</param>
/// <param name="Value">The value that broke it; 0 if none.</param>
/// <param name="Text">One line for a person; may be empty.</param>
/// <param name="ByPeer">Whether the server said so; otherwise this client did, or nobody.</param>
/// <param name="Exception">The error of the transport, if there was one.</param>
public sealed record CloseInfo(
    CloseCode Code, CloseCode Cause, double Limit, double Value, string Text, bool ByPeer, Exception? Exception)
{
    /// <summary>One line that names the code, the cause, the limit and the value.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        line.AppendFormat(CultureInfo.InvariantCulture, "{0} {1}", (int)Code, CloseCodes.Name(Code));
        if (Cause != CloseCode.None)
        {
            line.AppendFormat(CultureInfo.InvariantCulture, " ({0} {1})", (int)Cause, CloseCodes.Name(Cause));
        }

        if (Text.Length > 0)
        {
            line.Append(": ").Append(Text);
        }

        if (Limit != 0 || Value != 0)
        {
            line.AppendFormat(CultureInfo.InvariantCulture, " [limit {0}, value {1}]", Limit, Value);
        }

        return line.ToString();
    }

    internal static CloseInfo FromPeer(in CloseFrame frame) => new(
        frame.Code, frame.Cause, frame.Limit, frame.Value, Encoding.UTF8.GetString(frame.TextUtf8), ByPeer: true, Exception: null);

    internal static CloseInfo Local(
        CloseCode code, string text, Exception? exception = null, CloseCode cause = CloseCode.None, double limit = 0, double value = 0) =>
        new(code, cause, limit, value, text, ByPeer: false, exception);
}
