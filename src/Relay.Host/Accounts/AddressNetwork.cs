using System.Net;
using System.Net.Sockets;

namespace Relay.Host.Accounts;

/// <summary>What addresses are counted as.</summary>
internal static class AddressNetwork
{
    /// <summary>An address of IPv4 as it is; of IPv6 its /64 network, of which anybody may have all 2^64 addresses.</summary>
    /// <param name="address">The address; null for one that is not known: all of those are one.</param>
    public static IPAddress Of(IPAddress? address)
    {
        IPAddress key = address is null ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (key.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return key;
        }

        byte[] bytes = key.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
