using System.Net;
using Relay.Host.Bridges.NafUws;

namespace Relay.Host;

/// <summary>Options of the program around the relay, section <c>Relay:Host</c>. Read once, at start.</summary>
internal sealed class HostOptions
{
    /// <summary>Shorter keys could be guessed.</summary>
    private const int MinMonitorKey = 16;

    /// <summary>The address to listen on. Default 127.0.0.1: nobody but this machine.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Port for HTTP and WebSocket. Default 7300; 0 takes any free one.</summary>
    public int HttpPort { get; set; } = 7300;

    /// <summary>Port for raw TCP. Default 7301; 0 takes any free one.</summary>
    public int TcpPort { get; set; } = 7301;

    /// <summary>Whether both endpoints speak TLS, with the certificate in <c>Kestrel:Certificates:Default</c>. Default false.</summary>
    public bool Tls { get; set; }

    /// <summary>
    /// Open development mode: anybody comes in under any name, and <c>/diagnostics</c> is served. Default true, so that the first run
    /// needs no set-up; insecure, and said so.
    /// </summary>
    public bool Development { get; set; } = true;

    /// <summary>Whether development mode may listen beyond this machine. Default false.</summary>
    public bool AllowInsecureRemote { get; set; }

    /// <summary>The endpoint for pages with networked-aframe's <c>uws</c> adapter.</summary>
    public NafUwsOptions NafUws { get; set; } = new();

    /// <summary>
    /// The directory of the built pages (the playground), read once, at start. Default: <c>wwwroot</c> beside the program, where a release
    /// has it; if there is none, <c>/</c> shows a simple page. <c>./relay run</c> names the one that it has built.
    /// </summary>
    public string? WebRoot { get; set; }

    /// <summary>What operators show at <c>/monitor</c>: the password of the user <c>operator</c> (HTTP Basic), at least 16 characters.
    /// Default null: in development mode the monitor is open to this machine alone, otherwise it is off.</summary>
    public string? MonitorKey { get; set; }

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        if (!IPAddress.TryParse(Address, out IPAddress? address))
        {
            yield return $"Relay:Host:Address must be an IP address; it is \"{Address}\".";
        }
        else if (Development && !AllowInsecureRemote && !IPAddress.IsLoopback(address))
        {
            yield return $"Relay:Host:Address is {Address}, which others can reach, but development mode lets anybody in. " +
                "Set Relay:Host:Development=false, or, knowing that, Relay:Host:AllowInsecureRemote=true.";
        }

        if (MonitorKey is { Length: < MinMonitorKey } key)
        {
            yield return $"Relay:Host:MonitorKey must have at least {MinMonitorKey} characters; it has {key.Length}.";
        }

        foreach ((string name, int port) in new[] { (nameof(HttpPort), HttpPort), (nameof(TcpPort), TcpPort) })
        {
            if (port is < 0 or > 65535)
            {
                yield return $"Relay:Host:{name} must be 0 to 65535; it is {port}.";
            }
        }

        foreach (string problem in NafUws.Validate())
        {
            yield return problem;
        }

        if (WebRoot is not null && !File.Exists(Path.Combine(WebRoot, WebAssets.Index)))
        {
            yield return $"Relay:Host:WebRoot must be a directory with an {WebAssets.Index}; \"{WebRoot}\" has none.";
        }
    }
}
