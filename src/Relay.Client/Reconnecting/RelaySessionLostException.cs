namespace Relay.Client;

/// <summary>
/// The session in which this was asked is over: the client came back too late, or to another server. Whether the server has applied the
/// request is not known. The client is connected, in a new session: ask again. protocol-spec.md §5.8.
/// </summary>
public sealed class RelaySessionLostException : RelayException
{
    internal RelaySessionLostException(CloseInfo cause)
        : base(cause.Code, $"The session is over, and the request with it: {cause}", cause.Exception)
    {
    }
}
