using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>A connection that sends what no HTTP client would, and reads no more than it is told to.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly TcpClient _client = new() { ReceiveBufferSize = 16 * 1024 };
    private readonly string _address;

    public RawHttp(string address) => _address = address;

    /// <summary>Asks.</summary>
    /// <param name="start">The method and the target, as they are.</param>
    /// <param name="headers">Lines.</param>
    /// <returns>The head of the answer, and what came with it.</returns>
    public async Task<string> AskAsync(string start, params string[] headers)
    {
        string[] place = _address.Split(':');
        await _client.ConnectAsync(place[0], int.Parse(place[1], CultureInfo.InvariantCulture)).WaitAsync(ChildProcess.Patience, TimeProvider.System);
        string host = headers.Any(line => line.StartsWith("Host:", StringComparison.Ordinal)) ? "" : $"Host: {_address}\r\n";
        string lines = string.Concat(headers.Select(line => line + "\r\n"));
        NetworkStream stream = _client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{start} HTTP/1.1\r\n{host}{lines}\r\n"));
        byte[] answer = new byte[2048];
        int length = 0;
        while (!Encoding.ASCII.GetString(answer, 0, length).Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = await stream.ReadAsync(answer.AsMemory(length)).AsTask().WaitAsync(ChildProcess.Patience, TimeProvider.System);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(answer, 0, length);
    }

    /// <summary>Reads on until the connection ends.</summary>
    /// <returns>How many bytes.</returns>
    public async Task<long> RestAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        long length = 0;
        try
        {
            while (await _client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(ChildProcess.Patience, TimeProvider.System) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (IOException)
        {
            // It was reset, which is an end as well.
        }

        return length;
    }

    /// <summary>Reads a piece each second, until the connection ends or it is told to stop.</summary>
    /// <returns>How many bytes.</returns>
    public async Task<long> ReadSlowlyAsync(int piece, CancellationToken stop)
    {
        byte[] buffer = new byte[piece];
        long length = 0;
        try
        {
            while (await _client.GetStream().ReadAsync(buffer, stop) is > 0 and var read)
            {
                length += read;
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // As above.
        }

        return length;
    }

    public void Dispose() => _client.Dispose();
}
