using System.Text.Json.Serialization;

namespace Relay.Host.Monitor;

/// <summary>How the monitor's answers look as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Sample))]
[JsonSerializable(typeof(RoomView))]
[JsonSerializable(typeof(KickOrder))]
[JsonSerializable(typeof(Outcome))]
[JsonSerializable(typeof(Diagnostics.RoomAnswer))]
internal sealed partial class MonitorJson : JsonSerializerContext;
