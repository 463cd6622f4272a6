using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Relay.Core.Hosting;
using Relay.Core.Transport;
using Relay.Core.Transport.Pipe;
using Relay.Protocol.Buffers;

namespace Relay.Conformance.Tests.Echo;

/// <summary>The pipe road of the echo: reads and ends as the product's <see cref="PipeConnection"/> does, without shards and
/// rooms.</summary>
internal static class PipeEchoDriver
{
    /// <summary>How long a peer that has been told to go may take to hang up first.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(1);

    private static readonly SharedBufferPool Pool = new();

    public static async Task ServeAsync(HttpContext context, EchoSettings settings)
    {
        IDuplexPipe transport = await WebSocketHandshake.UpgradeAsync(context);
        Socket? socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        var limits = new RelayLimits();
        SocketTuning.Apply(socket, new KernelLimits(limits.KernelSendBufferBytes, limits.UnsentLowWaterBytes));
        var outlet = new PipeOutlet(transport.Output, socket, webSocket: true, context.Abort);
        using var session = new EchoSession(settings, Pool, outlet);
        try
        {
            if (await EchoAsync(transport.Input, session, outlet, context.RequestAborted))
            {
                await outlet.WhenClosed.WaitAsync(context.RequestAborted);
                if (!session.PeerClosed)
                {
                    await DiscardAsync(transport.Input, context.RequestAborted);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or InvalidOperationException)
        {
            // The peer is gone; the case at its end tells what it saw.
        }
    }

    /// <returns>Whether the session was closed, or else the peer hung up without a word.</returns>
    private static async Task<bool> EchoAsync(PipeReader input, EchoSession session, PipeOutlet outlet, CancellationToken aborted)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(aborted);
            ReadOnlySequence<byte> buffer = result.Buffer;
            EchoStatus status;
            while ((status = session.Pump(ref buffer)) == EchoStatus.Wait)
            {
                while (!outlet.IsReady)
                {
                    await Task.Delay(Glance, TimeProvider.System, aborted);
                }
            }

            if (status == EchoStatus.Closed)
            {
                input.AdvanceTo(buffer.End);
                return true;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return false;
            }
        }
    }

    /// <summary>Throws away what still comes: a socket that is closed with unread bytes resets, and the reset may overtake the
    /// close.</summary>
    private static async Task DiscardAsync(PipeReader input, CancellationToken aborted)
    {
        using var grace = new CancellationTokenSource(LingerTime, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, aborted);
        ReadResult result;
        do
        {
            result = await input.ReadAsync(either.Token);
            input.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);
    }
}
