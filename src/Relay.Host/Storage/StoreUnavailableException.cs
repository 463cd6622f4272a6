namespace Relay.Host.Storage;

/// <summary>The database cannot be reached, refuses to work (its disk is full, say) or did not answer within the bound. Nothing is known to
/// be stored: an operation that ended so may be made again. The message is for people and holds no secrets.</summary>
internal sealed class StoreUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
