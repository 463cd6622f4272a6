using System.Net;
using System.Net.Sockets;
using Relay.Load.Cli;
using Relay.Load.Wire;

namespace Relay.Load.Recordings;

/// <summary>Where a server is that the user names by one port.</summary>
internal static class Addresses
{
    /// <summary>Finds it.</summary>
    /// <param name="option">What names it, for the message.</param>
    /// <param name="hostAndPort">HOST:PORT, checked before.</param>
    /// <exception cref="LoadException">The name has no address.</exception>
    public static ServerAddress Resolve(string option, string hostAndPort)
    {
        LoadOptions.TrySplit(hostAndPort, out string name, out int port);
        try
        {
            return new ServerAddress(Dns.GetHostAddresses(name)[0], port, port);
        }
        catch (SocketException e)
        {
            throw new LoadException($"{option}: no address for '{name}': {e.Message}");
        }
    }
}
