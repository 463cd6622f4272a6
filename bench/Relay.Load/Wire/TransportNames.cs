namespace Relay.Load.Wire;

/// <summary>What transports are called on the command line and in reports.</summary>
internal static class TransportNames
{
    public static string NameOf(LoadTransport transport) => transport == LoadTransport.Tcp ? "tcp" : "ws";

    /// <summary>Reads a name; upper case and lower case are the same.</summary>
    public static bool TryRead(string name, out LoadTransport transport)
    {
        transport = name.Equals("ws", StringComparison.OrdinalIgnoreCase) ? LoadTransport.Ws : LoadTransport.Tcp;
        return name.Equals(NameOf(transport), StringComparison.OrdinalIgnoreCase);
    }
}
