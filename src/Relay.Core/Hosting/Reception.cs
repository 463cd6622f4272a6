using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Relay.Core.Rooms;
using Relay.Core.Transport;
using Relay.Core.Transport.Direct;
using Relay.Core.Transport.Pipe;

namespace Relay.Core.Hosting;

/// <summary>Where a connection from Kestrel comes in: it is greeted, and then put on its road.</summary>
internal sealed class Reception
{
    private readonly AdmissionDesk _desk;
    private readonly DirectRoad? _direct;
    private readonly Func<int, CloseReason?> _turnAway;

    /// <summary>Makes the reception of a server.</summary>
    /// <param name="desk">Decides who comes in.</param>
    /// <param name="direct">The direct road, if there is one.</param>
    /// <param name="turnAway">Why nobody is taken in now, given how many connections there are; null if somebody is.</param>
    public Reception(AdmissionDesk desk, DirectRoad? direct, Func<int, CloseReason?> turnAway)
    {
        _desk = desk;
        _direct = direct;
        _turnAway = turnAway;
    }

    /// <summary>Serves a connection: on the pipe road until it has ended, on the direct road until it has been taken from
    /// Kestrel.</summary>
    /// <param name="transport">Its pipes.</param>
    /// <param name="features">What Kestrel knows of it.</param>
    /// <param name="arrival">Where it comes from; which road it takes is found here.</param>
    /// <param name="abort">Cuts it off.</param>
    /// <param name="aborted">It has been cut off.</param>
    public async Task ServeAsync(
        IDuplexPipe transport, IFeatureCollection features, ConnectionOrigin arrival, Action abort, CancellationToken aborted)
    {
        HandshakeConnection? handshake = _direct is not null && features.Get<HandshakeConnection>() is { } ours && ours.Carries(transport)
            ? ours
            : null;
        ConnectionOrigin origin = arrival with { IsDirect = handshake is not null };
        CloseReason? turnAway = _turnAway(_desk.Enter());
        Socket? socket = features.Get<IConnectionSocketFeature>()?.Socket;
        SocketTuning.Apply(socket, _desk.KernelLimits);
        var pipes = new PipeOutlet(transport.Output, socket, origin.IsWebSocket, abort);
        DirectOutlet? direct = handshake is null ? null : new DirectOutlet(origin.IsWebSocket, _desk.Pool);
        TimeSpan waited = !origin.IsWebSocket && features.Get<Doorstep>() is not null ? Doorkeeper.Patience : TimeSpan.Zero;
        var greeting = new Greeting(transport, origin, _desk, waited);

        Admission admission = default;
        try
        {
            admission = await greeting.AdmitAsync((Outlet?)direct ?? pipes, turnAway, aborted).ConfigureAwait(false);
            if (admission.Refusal is { } refusal)
            {
                await greeting.RefuseAsync(refusal, pipes, aborted).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (TransportFault.Is(e))
        {
            // Gone before it was answered.
        }

        if (admission.Connection is not { } connection)
        {
            greeting.Source.Dispose();
            _desk.TurnedAway(origin, admission.Refusal ?? CloseReason.Abnormal);
        }
        else if (handshake is null)
        {
            connection = await _desk.SettleAsync(connection, admission.Hello!, origin, pipes).ConfigureAwait(false);
            CloseReason reason = await new PipeConnection(transport, pipes, greeting.Source, connection, _desk)
                .RunAsync(aborted).ConfigureAwait(false);
            greeting.Source.Dispose();
            _desk.Ended(connection, origin.Kind, reason);
        }
        else
        {
            Detached detached = await handshake.DetachAsync().ConfigureAwait(false);
            connection = await _desk.SettleAsync(connection, admission.Hello!, origin, direct!).ConfigureAwait(false);
            DirectConnection.Start(detached, direct!, greeting.Source, connection, _desk, _direct!);
        }
    }
}
