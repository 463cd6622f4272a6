using Relay.Protocol.Messages;

namespace Relay.Load.Recordings.Replay;

/// <summary>Which attribute.</summary>
/// <param name="Target">What it is of.</param>
/// <param name="Key">Its key.</param>
internal readonly record struct AttributeName(AttributeTarget Target, string Key);
