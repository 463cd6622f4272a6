using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Relay.Client;
using Relay.Protocol;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Host.Tests.Api.Kit;

/// <summary>Somebody on a socket who notes what the room tells.</summary>
public sealed class Visitor : RelayHandler, IAsyncDisposable
{
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

    public Visitor(string name) => Client = new RelayClient(this, new RelayClientOptions { Credentials = Encoding.UTF8.GetBytes(name) });

    public RelayClient Client { get; }

    /// <param name="tcp">HOST:PORT of the server's raw TCP.</param>
    public Task ConnectAsync(string tcp) =>
        Client.ConnectAsync("127.0.0.1", int.Parse(tcp.Split(':')[1], CultureInfo.InvariantCulture)).WaitAsync(ChildProcess.Patience, TimeProvider.System);

    public async Task<uint> JoinAsync(string room, string ticket = "") =>
        (await Client.JoinAsync(room, Encoding.UTF8.GetBytes(ticket)).WaitAsync(ChildProcess.Patience, TimeProvider.System)).Member;

    /// <summary>Tries to join.</summary>
    /// <returns>The code of the refusal; none if it was let in.</returns>
    public async Task<CloseCode> TryJoinAsync(string room, string ticket = "")
    {
        try
        {
            await JoinAsync(room, ticket);
            return CloseCode.None;
        }
        catch (RelayException e)
        {
            return e.Code;
        }
    }

    /// <summary>Waits until it is told something.</summary>
    public async Task<string> UntilAsync(string beginning)
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        await foreach (string told in _told.Reader.ReadAllAsync(patience.Token))
        {
            if (told.StartsWith(beginning, StringComparison.Ordinal))
            {
                return told;
            }
        }

        throw new InvalidOperationException("It ended.");
    }

    public override void OnState(RoomInfo room, ref State state)
    {
        while (state.TryReadEntry(out StateEntry entry))
        {
            string key = Encoding.UTF8.GetString(entry.KeyUtf8);
            _told.Writer.TryWrite(entry.Kind switch
            {
                StateKind.Attribute => $"set {entry.Target.Object} {key} {MessagePackText.Format(entry.Value)}",
                StateKind.AttributeMerged => $"merged {entry.Target.Object} {key} {MessagePackText.Format(entry.Path)} {(entry.Value.IsEmpty ? "gone" : MessagePackText.Format(entry.Value))}",
                _ => $"{entry.Kind} {entry.Object} {Encoding.UTF8.GetString(entry.NameUtf8)}{key}",
            });
        }
    }

    public override void OnLeft(RoomInfo room, CloseCode reason) => _told.Writer.TryWrite($"left {(int)reason}");

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
