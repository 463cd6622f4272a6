namespace Relay.Core.Transport;

/// <summary>What the kernel may hold for a connection, in bytes; 0 leaves it to the system.</summary>
/// <param name="SendBufferBytes"><c>SO_SNDBUF</c>.</param>
/// <param name="UnsentLowWaterBytes"><c>TCP_NOTSENT_LOWAT</c>.</param>
internal readonly record struct KernelLimits(int SendBufferBytes, int UnsentLowWaterBytes);
