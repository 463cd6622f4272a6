using System.Globalization;
using System.Net;
using Relay.Load.Wire;

namespace Relay.Load.Server;

/// <summary>The one line that the server prints when it listens: <c>relay: ready http=127.0.0.1:7300 tcp=127.0.0.1:7301
/// pid=1234</c>.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Pid">Its process.</param>
internal sealed record ReadyLine(ServerAddress Address, int Pid)
{
    private const string Prefix = "relay: ready ";

    /// <summary>Reads a line.</summary>
    /// <returns><c>null</c> when it is another line.</returns>
    public static ReadyLine? TryParse(string line)
    {
        if (!line.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        IPEndPoint? http = null, tcp = null;
        int pid = 0;
        foreach (string part in line[Prefix.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? part : part[..equals], value = part[(equals + 1)..];
            switch (name)
            {
                case "http":
                    IPEndPoint.TryParse(value, out http);
                    break;
                case "tcp":
                    IPEndPoint.TryParse(value, out tcp);
                    break;
                case "pid":
                    pid = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
                    break;
            }
        }

        return http is null || tcp is null || pid == 0 ? null : new ReadyLine(new ServerAddress(tcp.Address, tcp.Port, http.Port), pid);
    }
}
