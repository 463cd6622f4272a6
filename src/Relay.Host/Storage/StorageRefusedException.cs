namespace Relay.Host.Storage;

/// <summary>This program must not work with this database as it is, or cannot on this machine: trying again would change nothing. The
/// message says in one line what is wrong and what to do.</summary>
internal sealed class StorageRefusedException(string message) : Exception(message);
