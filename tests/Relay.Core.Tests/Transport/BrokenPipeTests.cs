using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Relay.Core.Tests.Kit;
using Relay.Core.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Core.Tests.Transport;

/// <summary>A transport that fails in ways of its own takes its connection with it, and nothing else.</summary>
public sealed class BrokenPipeTests
{
    [Fact]
    public async Task Output_thatRefusesToBeWritten_endsTheConnectionAndNotTheShard()
    {
        await using Scene scene = await Scene.StartAsync(options => options.Shards = 1);
        var (toServer, toClient) = (new Pipe(), new Pipe());
        using var aborted = new CancellationTokenSource();
        Task served = scene.Server.Relay.Reception.ServeAsync(
            new Duplex(toServer.Reader, toClient.Writer), new FeatureCollection(), new ConnectionOrigin(false, false, null, null), aborted.Cancel, aborted.Token);
        await toServer.Writer.WriteAsync(Frames.Concat(ConnectionPreface.Bytes.ToArray(), Frames.Hello(), Frames.Join(1, "plaza")));
        await Waiting.UntilAsync(() => scene.Server.Relay.MemberCount == 3, "the member");

        await toClient.Writer.CompleteAsync();
        await toServer.Writer.WriteAsync(Frames.Ping(1));
        await served.InTimeAsync("the connection's end");
        await Waiting.UntilAsync(() => scene.Server.Relay.MemberCount == 2, "the member's departure");
        await scene.ClosedOnceAsync(CloseCode.Abnormal);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
