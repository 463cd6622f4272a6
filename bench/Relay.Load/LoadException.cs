namespace Relay.Load;

/// <summary>A run cannot go on; the message is one line for the user.</summary>
internal sealed class LoadException(string message, bool badArguments = false) : Exception(message)
{
    /// <summary>Whether what was asked for is at fault, not the run.</summary>
    public bool BadArguments => badArguments;
}
