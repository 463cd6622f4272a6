using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Core.Tests.Rooms;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;
using Relay.Samples.Ball;

namespace Relay.Core.Tests.Samples;

/// <summary>The sample game, played over real connections.</summary>
public sealed class BallTests
{
    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Ball_isPushedIntoTheGoal_andTheScoreIsToldOnce(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer striker = await Peer.JoinAsync(server, wire, "ball");
        await using Peer watcher = await Peer.JoinAsync(server, wire, "ball");
        (uint id, uint slot) = await BallAsync(watcher);
        await watcher.SeesAsync(slot, new Transform(0, 0, 0));

        // A member beside it sets it rolling, and goes away.
        await striker.MoveAsync(new Transform(-0.5, 0, 0));
        await watcher.UntilAsync(() => watcher.Values[slot].Place.X > 0.5, "the ball to roll");
        await striker.MoveAsync(new Transform(-30, 0, 0));
        double last = 0;
        var way = new List<double>();
        await watcher.UntilAsync(
            () =>
            {
                double x = watcher.Values[slot].Place.X;
                if (x > last)
                {
                    way.Add(last = x);
                }

                return watcher.Events.Count > 0;
            },
            "a goal");
        Assert.True(way.Count > 3, $"It was seen at {string.Join(", ", way)}.");
        Assert.InRange(last, BallRoom.GoalLine / 2, BallRoom.GoalLine);

        // From then on it lies in the middle, and the score is what it is.
        await watcher.SeesAsync(slot, new Transform(0, 0, 0));
        EventFacts goal = Assert.Single(watcher.Events);
        Assert.Equal((BallRoom.GoalKind, 0u), (goal.Kind, goal.Sender));
        await watcher.UntilAsync(() => watcher.Mirror.Attributes.Count == 1, "the score");
        RoomMirror.AttributeFacts score = watcher.Mirror.Attributes[(AttributeTarget.OfRoom(), "score")];
        Assert.Equal((Convert.ToHexString(StateAsks.Number(1)), 0u), (score.Value, score.Author));
        for (int i = 0; i < 10; i++)
        {
            await watcher.MoveAsync(new Transform(-40, i, 0));
            await striker.SeesAsync(watcher.Seat!.Slot, new Transform(-40, i, 0));
        }

        await watcher.SettleAsync();
        Assert.Equal((1, score.Version), (watcher.Events.Count, watcher.Mirror.Attributes[(AttributeTarget.OfRoom(), "score")].Version));
        Assert.True(watcher.IsAt(slot, new Transform(0, 0, 0)));
        Assert.Equal(id, Assert.Single(striker.Mirror.Objects).Key);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Ball_isNobodysToTakeOrMove_andTheScoreNobodysToSet(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer cheat = await Peer.JoinAsync(server, wire, "ball");
        (uint id, uint slot) = await BallAsync(cheat);
        foreach (WriteFrame forged in new[]
        {
            StateFrames.Claim(id, ClaimAction.Take),
            StateFrames.Claim(id, ClaimAction.Lock),
            StateFrames.Claim(id, ClaimAction.Give, cheat.Seat!.Member),
            StateFrames.Set(AttributeTarget.OfRoom(), "score", StateAsks.Number(99)),
        })
        {
            Assert.Equal(CloseCode.Forbidden, (await cheat.RefusedAsync(sequence => StateFrames.Write(forged, sequence))).Code);
        }

        RoomMirror.ObjectFacts ball = cheat.Mirror.Objects[id];
        Assert.Equal(PackStatus.Ok, cheat.Seat.Space.TryPack(new Transform(9, 0, 0), out PackedTransform place));
        await cheat.Raw.SendAsync(Frames.Update(cheat.Seat.Space, new TransformUpdateEntry(slot, ball.Generation, place, default)));
        await cheat.UntilAsync(() => cheat.Errors.Any(error => error.Code == CloseCode.NotOwner), "a refusal");
        await cheat.SeesAsync(slot, new Transform(0, 0, 0));
        Assert.Empty(cheat.Mirror.Attributes);
    }

    private static Task<RelayTestServer> StartAsync() => RelayTestServer.StartAsync(
        build: builder => builder.Services.AddRelay().AddRoomHandler<BallRoom>("ball*"));

    private static async Task<(uint Id, uint Slot)> BallAsync(Peer peer)
    {
        await peer.UntilAsync(() => peer.Mirror.Objects.Count == 1, "the ball");
        (uint id, RoomMirror.ObjectFacts facts) = peer.Mirror.Objects.Single();
        Assert.Equal(("ball", ObjectFlags.Placed | ObjectFlags.Fixed, 0u), (facts.Name, facts.Flags, facts.Owner));
        return (id, facts.Slot);
    }
}
