using System.Globalization;
using System.Text;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Client;

/// <summary>The server refused one message, which changed nothing; the connection lives on. protocol-spec.md §5.4.</summary>
/// <param name="RefusedType">The type of the refused message.</param>
/// <param name="Sequence">The number of the refused message, as the sending method returned it; 0 for one without a number.</param>
/// <param name="Code">Why, from the table of protocol-spec.md §9.</param>
/// <param name="Limit">The limit that was broken; 0 if none.</param>
/// <param name="Value">The value that broke it; 0 if none.</param>
/// <param name="Text">One line for a person; may be empty.</param>
public readonly record struct Refusal(FrameType RefusedType, ulong Sequence, CloseCode Code, double Limit, double Value, string Text)
{
    /// <summary>One line that names the message, the code, the limit and the value.</summary>
    public override string ToString()
    {
        string line = string.Format(CultureInfo.InvariantCulture, "{0} refused: {1} {2}", RefusedType, (int)Code, CloseCodes.Name(Code));
        if (Text.Length > 0)
        {
            line += ": " + Text;
        }

        return Limit == 0 && Value == 0
            ? line
            : line + string.Format(CultureInfo.InvariantCulture, " [limit {0}, value {1}]", Limit, Value);
    }

    internal static Refusal From(in ErrorFrame frame) =>
        new(frame.RefusedType, frame.Sequence, frame.Code, frame.Limit, frame.Value, Encoding.UTF8.GetString(frame.TextUtf8));
}
