using System.Net.Sockets;
using System.Text;
using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §5.1 to §5.3.</summary>
public sealed class ConnectTests
{
    [Fact]
    public async Task Hello_carries_versions_credentials_and_agent()
    {
        await using var server = new ScriptedServer();
        await using var client = new RelayClient(new Recorder(), new RelayClientOptions { Credentials = new byte[] { 1, 2, 3 }, Agent = "test/1" });
        Task connecting = client.ConnectAsync("127.0.0.1", server.Port);
        byte[] body = await server.AcceptAsync();
        CheckHello(body);
        server.Send(Frames.Welcome());
        await connecting;
        server.Drop();

        static void CheckHello(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, Hello.TryRead(body, out Hello hello));
            Assert.Equal((1, 1), (hello.VersionOldest, hello.VersionNewest));
            Assert.Equal([1, 2, 3], hello.Credentials.ToArray());
            Assert.Equal("test/1", Encoding.UTF8.GetString(hello.AgentUtf8));
        }
    }

    [Fact]
    public async Task Welcome_becomes_the_session_and_a_first_clock()
    {
        await using Session session = await Session.ConnectAsync();
        SessionInfo info = session.Client.Session!;
        Assert.Equal(("Ada", 1UL, 2UL, 1000), (info.Name, info.SessionHigh, info.SessionLow, info.MaxEventPayload));
        Assert.Equal((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60)), (info.Heartbeat, info.IdleTimeout));
        Assert.True(session.Client.Clock.IsSynchronized);
        Assert.InRange(session.Client.ServerNowMicros, 5_000_000, 15_000_000);
    }

    [Fact]
    public async Task Close_instead_of_welcome_throws_with_code_limit_and_value()
    {
        await using var server = new ScriptedServer();
        var told = new Recorder();
        await using var client = new RelayClient(told);
        Task connecting = client.ConnectAsync("127.0.0.1", server.Port);
        await server.AcceptAsync();
        server.Send(Frames.Close(CloseCode.ProtocolError, CloseCode.UnsupportedVersion, limit: 3, value: 1));
        RelayException error = await Assert.ThrowsAsync<RelayException>(() => connecting);
        Assert.Equal((CloseCode.ProtocolError, CloseCode.UnsupportedVersion, 3.0, 1.0), (error.Code, error.Cause, error.Limit, error.Value));
        Assert.False(error.IsRetryable);
        Assert.Contains("bye", error.Message, StringComparison.Ordinal);
        // There was never a connection whose end could be told.
        Assert.True(told.IsEmpty);
    }

    [Fact]
    public async Task End_without_welcome_throws_abnormal()
    {
        await using var server = new ScriptedServer();
        await using var client = new RelayClient(new Recorder());
        Task connecting = client.ConnectAsync("127.0.0.1", server.Port);
        await server.AcceptAsync();
        server.Drop();
        RelayException error = await Assert.ThrowsAsync<RelayException>(() => connecting);
        Assert.Equal(CloseCode.Abnormal, error.Code);
        Assert.True(error.IsRetryable);
    }

    [Fact]
    public async Task Anything_but_welcome_is_a_protocol_error()
    {
        await using var server = new ScriptedServer();
        await using var client = new RelayClient(new Recorder());
        Task connecting = client.ConnectAsync("127.0.0.1", server.Port);
        await server.AcceptAsync();
        server.Send(Frames.Ping(1));
        RelayException error = await Assert.ThrowsAsync<RelayException>(() => connecting);
        Assert.Equal(CloseCode.ProtocolError, error.Code);
    }

    [Fact]
    public async Task Silence_throws_timeout_with_the_limit()
    {
        await using var server = new ScriptedServer();
        await using var client = new RelayClient(new Recorder(), new RelayClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) });
        RelayException error = await Assert.ThrowsAsync<RelayException>(() => client.ConnectAsync("127.0.0.1", server.Port));
        Assert.Equal((CloseCode.Timeout, 100.0), (error.Code, error.Limit));
    }

    [Fact]
    public async Task Cancelling_throws_cancelled()
    {
        await using var server = new ScriptedServer();
        await using var client = new RelayClient(new Recorder());
        using var cancel = new CancellationTokenSource();
        Task connecting = client.ConnectAsync("127.0.0.1", server.Port, cancel.Token);
        await server.AcceptAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task Nobody_there_throws_the_sockets_error()
    {
        int port;
        await using (var server = new ScriptedServer())
        {
            port = server.Port;
        }

        await using var client = new RelayClient(new Recorder());
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", port));
    }

    [Fact]
    public async Task Connecting_twice_is_refused()
    {
        await using Session session = await Session.ConnectAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.Client.ConnectAsync("127.0.0.1", session.Server.Port));
    }

    [Fact]
    public async Task Sending_before_connecting_is_refused()
    {
        await using var client = new RelayClient(new Recorder());
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.JoinAsync("hall"));
    }
}
