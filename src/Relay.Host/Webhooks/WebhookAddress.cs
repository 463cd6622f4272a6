using System.Net;
using System.Net.Sockets;

namespace Relay.Host.Webhooks;

/// <summary>
/// Keeps deliveries away from what only the server can reach. The address is looked at after the name was resolved, and it is that address
/// that is connected to: a name that answers otherwise the next time gains nothing. Redirections are not followed.
/// </summary>
internal static class WebhookAddress
{
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/3"),
    ];

    // Of IPv6 only what is given out for use on the internet, without what leads to IPv4 addresses inside it.
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] NotGlobal =
        [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16")];

    /// <summary>Whether an address is of the internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetwork
            ? !Array.Exists(Private, network => network.Contains(plain))
            : Global.Contains(plain) && !Array.Exists(NotGlobal, network => network.Contains(plain));
    }

    /// <summary>Says what is wrong with a receiver's URL, if anything.</summary>
    public static string? Check(string? url, WebhookOptions options) =>
        !Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || url!.Length > 2048 ? "must be an absolute URL of at most 2048 characters."
        : uri.UserInfo.Length > 0 || uri.Fragment.Length > 0 ? "must be without a user and a fragment."
        : uri.Scheme != Uri.UriSchemeHttps && !(options.AllowPrivate && uri.Scheme == Uri.UriSchemeHttp) ? "must begin with https://."
        : !options.AllowPrivate && IPAddress.TryParse(uri.DnsSafeHost, out IPAddress? address) && !IsPublic(address)
            ? "must not be an address of a private network."
        : null;

    /// <summary>Connects to an address that may be connected to.</summary>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint end, WebhookOptions options, CancellationToken cancellationToken)
    {
        IPAddress[] all = await Dns.GetHostAddressesAsync(end.Host, cancellationToken).ConfigureAwait(false);
        IPAddress[] allowed = options.AllowPrivate ? all : Array.FindAll(all, IsPublic);
        if (allowed.Length == 0)
        {
            throw new HttpRequestException(all.Length == 0 ? "The name has no address." : "The name leads to a private network.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, end.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
