using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Transport.Direct;
using Relay.Protocol.Buffers;

namespace Relay.Conformance.Tests.Echo;

/// <summary>The direct road of the echo: a connection that is detached from Kestrel and lives on a real shard's port, like a relay
/// client's, but with no room behind it.</summary>
internal static class DirectEchoDriver
{
    private static readonly SharedBufferPool Pool = new();

    public static async Task ServeAsync(HttpContext context, EchoSettings settings)
    {
        RelayServer server = context.RequestServices.GetRequiredService<RelayServer>();
        IDuplexPipe transport = await WebSocketHandshake.UpgradeAsync(context);
        HandshakeConnection handshake = context.Features.Get<HandshakeConnection>()
            ?? throw new InvalidOperationException("The connection came past the direct road.");
        Assert.True(handshake.Carries(transport));
        Shard shard = server.Shards[0];
        var socket = new EchoSocket(await handshake.DetachAsync(), settings, server.Direct!, shard);
        shard.Lane.Push(new Order(() => socket.Enter(server.Direct!.PortOf(shard))));
    }

    /// <summary>Something that is to be done on the shard's thread.</summary>
    private sealed class Order(Action action) : ShardMessage
    {
        public override void Handle(Shard shard) => action();
    }

#pragma warning disable CA1001 // The session ends with the socket, in OnReleased.
    private sealed class EchoSocket : DirectSocket
#pragma warning restore CA1001
    {
        /// <summary>How long a peer that has been told to go may take to hang up first.</summary>
        private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

        private readonly EchoSession _session;
        private readonly Shard _shard;
        private bool _closed;

        public EchoSocket(Detached detached, EchoSettings settings, DirectRoad road, Shard shard)
            : base(detached)
        {
            var outlet = new DirectOutlet(webSocket: true, Pool);
            outlet.Attach(this, road);
            _session = new EchoSession(settings, Pool, outlet);
            _shard = shard;
        }

        protected override void OnBytes(ref ReadOnlySequence<byte> input, int arrived)
        {
            EchoStatus status = _closed ? EchoStatus.Closed : _session.Pump(ref input);
            if (status == EchoStatus.Wait)
            {
                Pause();
            }
            else if (status == EchoStatus.Closed)
            {
                _closed = true;
                input = input.Slice(input.End);
            }
        }

        protected override void OnReady() => Resume();

        protected override void OnWritingEnded()
        {
            if (_session.PeerClosed)
            {
                Break();
            }
            else
            {
                _ = LingerAsync();
            }
        }

        protected override void OnEnd() => _shard.Lane.Push(new Order(Release));

        protected override void OnReleased() => _session.Dispose();

        private async Task LingerAsync()
        {
            await Task.Delay(LingerTime, TimeProvider.System);
            _shard.Lane.Push(new Order(Abort));
        }
    }
}
