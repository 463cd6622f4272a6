using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Client;

/// <summary>The server refused something or ended the connection: what it said, as numbers. protocol-spec.md §5.3, §5.4 and §9.</summary>
public class RelayException : Exception
{
    /// <summary>Makes an exception for a connection that ended, or never came about.</summary>
    /// <param name="code">Why, from the table of protocol-spec.md §9.</param>
    /// <param name="message">One line for a person.</param>
    /// <param name="inner">The error of the transport beneath, if there was one.</param>
    public RelayException(CloseCode code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    internal RelayException(CloseInfo info)
        : base(info.ToString(), info.Exception) =>
        (Code, Cause, Limit, Value) = (info.Code, info.Cause, info.Limit, info.Value);

    internal RelayException(in Refusal refusal)
        : base(refusal.ToString()) =>
        (Code, Limit, Value, RefusedType) = (refusal.Code, refusal.Limit, refusal.Value, refusal.RefusedType);

    /// <summary>Why, from the table of protocol-spec.md §9.</summary>
    public CloseCode Code { get; }

    /// <summary>A finer reason of a close, or <see cref="CloseCode.None"/>.</summary>
    public CloseCode Cause { get; }

    /// <summary>The limit that was broken, in the unit that the message names; 0 if none.</summary>
    public double Limit { get; }

    /// <summary>The value that broke the limit; 0 if none.</summary>
    public double Value { get; }

    /// <summary>The type of the one message that was refused while the connection lives on; <c>null</c> when the connection has
    /// ended.</summary>
    public FrameType? RefusedType { get; }

    /// <summary>Whether connecting again may help; wait first, with jitter. protocol-spec.md §9, column "retry".</summary>
    public bool IsRetryable => CloseCodes.IsRetryable(Code) || CloseCodes.IsRetryable(Cause);
}
