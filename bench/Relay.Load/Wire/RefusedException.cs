namespace Relay.Load.Wire;

/// <summary>The server said no, in words: a Close, an Error, a goodbye, an HTTP status. Not a connection that broke.</summary>
internal sealed class RefusedException(string message) : IOException(message);
