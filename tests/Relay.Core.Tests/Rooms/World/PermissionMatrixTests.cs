using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>
/// Who may do what, message by message, role by role, on one's own and on another's: held against a table that is written out here, from
/// protocol-spec.md §11.6 and not from the server's own.
/// </summary>
public sealed class PermissionMatrixTests : StateTest
{
    private const int Guest = 0;
    private const int Member = 1;
    private const int Moderator = 2;
    private const int Owner = 3;
    private const int Nobody = 4;

    private static readonly string[] Roles = ["guest", "member", "moderator", "owner"];
    private static readonly AttributeTerms Open = new(AttributeFlags.None, new(AccessKind.Everyone), new(AccessKind.Everyone));

    private static readonly AttributeTerms Pinned = Open with { Flags = AttributeFlags.Persistent };

    /// <summary>What may be asked for, and the lowest of the default roles that gets it.</summary>
    private static readonly Row[] Table =
    [
        new("move one's avatar", Member, MoveSelf, Shows: s => s.Other.Values.ContainsKey(s.Actor.Seat!.Slot)),
        new("move another's avatar", Nobody, s => MoveBy(s, s.Other.Seat!.Slot, s.Other.Seat.Generation), CloseCode.NotOwner),
        new("move one's object", Member, s => MoveThing(s, s.Own), Shows: s => s.Other.Values.ContainsKey(s.Slot)),
        new("move another's object", Nobody, s => MoveThing(s, s.Others), CloseCode.NotOwner),
        new("move nobody's object", Nobody, s => MoveThing(s, s.Free), CloseCode.NotOwner),
        new("event", Member, s => Send(s, 1024, [1]), Shows: Heard),
        new("chat", Member, s => Send(s, (uint)SignalKind.Chat, StateAsks.Text("hi")), Shows: Heard),
        new("typing", Member, s => Send(s, (uint)SignalKind.Typing, [0xC3]), Shows: Heard),
        new("high five", Member, s => Send(s, (uint)SignalKind.HighFive, [0xC0], EventAudience.Member), Shows: Heard),
        new("raised hand", Member, s => Send(s, (uint)SignalKind.HandRaised, [0xC2]), Shows: Heard),
        new("notification", Moderator, s => Send(s, (uint)SignalKind.Notification, [0x80]), Shows: Heard),
        new("fly to me", Moderator, s => Send(s, (uint)SignalKind.FlyToMe, [0xC0]), Shows: Heard),
        new("stage mode", Moderator, s => Send(s, (uint)SignalKind.StageMode, [0x80]), Shows: Heard),
        new("create", Member, s => s.Actor.Create("new", flags: ObjectFlags.None)),
        new("create under another's", Member, s => s.Actor.Create("new", s.Others, ObjectFlags.None)),
        new("create persistent", Member, s => s.Actor.Create("new")),
        new("update one's own", Member, s => s.Actor.Update(s.Own, name: "new")),
        new("update another's", Moderator, s => s.Actor.Update(s.Others, name: "new")),
        new("update nobody's", Moderator, s => s.Actor.Update(s.Free, name: "new")),
        new("move another's in the tree", Moderator, s => s.Actor.Update(s.Others, parent: s.Own)),
        new("remove one's own", Member, s => s.Actor.Remove(s.Own)),
        new("remove another's", Moderator, s => s.Actor.Remove(s.Others)),
        new("remove nobody's", Moderator, s => s.Actor.Remove(s.Free)),
        new("clone one's own", Member, s => s.Actor.Clone(s.Own)),
        new("clone another's", Member, s => s.Actor.Clone(s.Others)),
        new("take another's", Member, s => s.Actor.Claim(s.Others, ClaimAction.Take, Id(s.Other))),
        new("take nobody's", Member, s => s.Actor.Claim(s.Free, ClaimAction.Take)),
        new("give one's own", Guest, s => s.Actor.Claim(s.Own, ClaimAction.Give, Id(s.Other))),
        new("give another's", Moderator, s => s.Actor.Claim(s.Others, ClaimAction.Give, Id(s.Actor))),
        new("release one's own", Guest, s => s.Actor.Claim(s.Own, ClaimAction.Release)),
        new("release another's", Moderator, s => s.Actor.Claim(s.Others, ClaimAction.Release)),
        new("lock one's own", Member, s => s.Actor.Claim(s.Own, ClaimAction.Lock)),
        new("lock another's", Nobody, s => s.Actor.Claim(s.Others, ClaimAction.Lock)),
        new("lock nobody's", Member, s => s.Actor.Claim(s.Free, ClaimAction.Lock)),
        new("unlock another's", Moderator, s => s.Actor.Claim(s.Locked, ClaimAction.Unlock)),
        new("new room attribute", Moderator, s => s.Actor.Set(AttributeTarget.OfRoom(), "new", [1])),
        new("open room attribute", Member, s => s.Actor.Set(AttributeTarget.OfRoom(), "open", [1])),
        new("new attribute of one's object", Member, s => s.Actor.Set(OfObject(s.Own), "new", [1])),
        new("new attribute of another's object", Moderator, s => s.Actor.Set(OfObject(s.Others), "new", [1])),
        new("open attribute of another's object", Member, s => s.Actor.Set(OfObject(s.Others), "open", [1])),
        new("merge into another's object", Moderator, s => s.Actor.Merge(OfObject(s.Others), "map", "a", [1])),
        new("delete of another's object", Moderator, s => s.Actor.Delete(OfObject(s.Others), "map")),
        new("attribute of oneself", Member, s => s.Actor.Set(AttributeTarget.OfMember(Id(s.Actor)), "new", [1])),
        new("persistent attribute", Member, s => s.Actor.Set(AttributeTarget.OfMember(Id(s.Actor)), "new", [1], Pinned)),
        new("attribute of another", Moderator, s => s.Actor.Set(AttributeTarget.OfMember(Id(s.Other)), "new", [1])),
        new("open attribute of another", Member, s => s.Actor.Set(AttributeTarget.OfMember(Id(s.Other)), "open", [1])),
        new("one's vote", Member, s => s.Actor.Set(AttributeTarget.OfObjectMember(s.Others, Id(s.Actor)), "new", [1])),
        new("another's vote", Moderator, s => s.Actor.Set(AttributeTarget.OfObjectMember(s.Own, Id(s.Other)), "new", [1])),
        new("mute", Moderator, s => s.Actor.Manage(ManageAction.Mute, Id(s.Victim))),
        new("unmute", Moderator, s => s.Actor.Manage(ManageAction.Unmute, Id(s.Victim))),
        new("kick", Moderator, s => s.Actor.Manage(ManageAction.Kick, Id(s.Victim))),
        new("ban", Owner, s => s.Actor.Manage(ManageAction.Ban, Id(s.Victim))),
        new("unban", Owner, s => s.Actor.Manage(ManageAction.Unban, text: "user:somebody")),
        new("block", Guest, s => s.Actor.Manage(ManageAction.Block, Id(s.Victim))),
        new("unblock", Guest, s => s.Actor.Manage(ManageAction.Unblock, Id(s.Victim))),
        new("set role", Owner, s => s.Actor.Manage(ManageAction.SetRole, Id(s.Victim), Member)),
        new("close room", Owner, s => s.Actor.Manage(ManageAction.CloseRoom)),
        new("open room", Owner, s => s.Actor.Manage(ManageAction.OpenRoom)),
    ];

    public static TheoryData<string, int> EveryRowAndRole()
    {
        var data = new TheoryData<string, int>();
        foreach (Row row in Table)
        {
            for (int role = 0; role < Roles.Length; role++)
            {
                data.Add(row.Name, role);
            }
        }

        return data;
    }

    public static TheoryData<string> EveryRow() => [.. Table.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(EveryRowAndRole))]
    public void Deed_byRole_isAllowedAsTheTableSays(string deed, int role)
    {
        Row row = Table.Single(row => row.Name == deed);
        Scene scene = Stage(Roles[role]);
        bool isMove = deed.StartsWith("move", StringComparison.Ordinal) && !deed.Contains("tree", StringComparison.Ordinal);
        if (role < row.Lowest)
        {
            CloseCode code = isMove && role < Member ? CloseCode.Forbidden : row.Refusal;
            Refused(scene, row, code, isMove);
            return;
        }

        ulong sequence = row.Ask(scene);
        Settle();
        if (row.Shows is null)
        {
            Answered(scene.Actor, sequence);
        }

        Assert.Empty(scene.Actor.Refusals);
        Assert.True(row.Shows is null ? scene.Actor.Done.ContainsKey(sequence) : row.Shows(scene), "Done, but nothing shows it.");
        AssertAllSeeTheTruth();
    }

    [Theory]
    [MemberData(nameof(EveryRow))]
    public void Deed_inTheLobby_isRefused_evenToAnOwner(string deed)
    {
        Options = new RoomOptions { HasLobby = true };
        Row row = Table.Single(row => row.Name == deed);
        Scene scene = Stage("owner");
        bool isMove = deed.StartsWith("move", StringComparison.Ordinal) && !deed.Contains("tree", StringComparison.Ordinal);
        Refused(scene, row, CloseCode.InLobby, isMove);

        Must(scene.Actor, scene.Actor.Manage(ManageAction.Enter));
        Assert.All(Clients, client => Assert.Equal(MemberStanding.None, client.Members[Id(scene.Actor)].Standing));
        Must(scene.Actor, scene.Actor.Create("in"));
        MustNot(scene.Actor, () => scene.Actor.Manage(ManageAction.Enter), CloseCode.BadValue);
    }

    [Fact]
    public void Lobby_seesEverything_andIsLeftLikeARoom()
    {
        Options = new RoomOptions { HasLobby = true };
        Scene scene = Stage("member");
        scene.Boss.Send("hello", Simulation.Pool);
        scene.Boss.Move(5, Simulation.Now);
        AssertAllSeeTheTruth();
        Assert.Equal(["hello"], scene.Actor.Events);
        Assert.Contains(scene.Boss.Seat!.Slot, scene.Actor.Values.Keys);
        Assert.Equal(MemberStanding.Lobby, scene.Boss.Members[Id(scene.Actor)].Standing);
        for (int i = 0; i < 25; i++)
        {
            MoveBy(scene, scene.Actor.Seat!.Slot, scene.Actor.Seat.Generation);
            Simulation.Run(100);
        }

        Assert.Equal(3, scene.Actor.Refusals.Count);
        scene.Actor.Leave();
        Settle();
        Assert.Equal(CloseCode.Normal, scene.Actor.Left);
    }

    [Fact]
    public void Role_changed_countsFromTheVeryNextMessage_inBothDirections()
    {
        // The role of somebody unknown is not stored, so it is given at once.
        Scene scene = Stage("guest", user: null);
        SimulatedClient actor = scene.Actor;
        for (int round = 0; round < 3; round++)
        {
            ulong before = actor.Create("", flags: ObjectFlags.None);
            Simulation.Wake();
            scene.Boss.Manage(ManageAction.SetRole, Id(actor), Member);
            Simulation.Wake();
            ulong after = actor.Create("", flags: ObjectFlags.None);
            MoveBy(scene, actor.Seat!.Slot, actor.Seat.Generation, (uint)(100 + round));
            Send(scene, 1024, [(byte)('a' + round)]);
            Simulation.Wake();
            scene.Boss.Manage(ManageAction.SetRole, Id(actor), Guest);
            Simulation.Wake();
            ulong last = actor.Create("", flags: ObjectFlags.None);
            MoveBy(scene, actor.Seat!.Slot, actor.Seat.Generation, 7);
            Settle();

            Assert.Equal([before, last], actor.Refusals.Where(refusal => refusal.Sequence >= before).Select(refusal => refusal.Sequence));
            Assert.Contains(after, actor.Done.Keys);
            Assert.Equal(100u + (uint)round, RoomSpace.Default.UnpackSteps(scene.Other.Values[actor.Seat!.Slot]).X);
            Assert.Equal(round + 1, scene.Other.Heard.Count);
            Simulation.Run(1_000);
        }

        AssertAllSeeTheTruth();
    }

    private static bool Heard(Scene scene) => scene.Other.Heard.Count == 1 && scene.Other.Heard[0].Sender == Id(scene.Actor);

    private static ulong Send(Scene scene, uint kind, byte[] payload, EventAudience audience = EventAudience.Others) =>
        scene.Actor.Say((ref Protocol.Primitives.FrameWriter writer, ulong sequence) => new SendEvent
        {
            Sequence = sequence,
            Audience = audience,
            Member = Id(scene.Other),
            Kind = kind,
            Payload = payload,
        }.Write(ref writer));

    private static ulong MoveSelf(Scene scene) => MoveBy(scene, scene.Actor.Seat!.Slot, scene.Actor.Seat.Generation);

    private static ulong MoveThing(Scene scene, uint id) =>
        MoveBy(scene, scene.Actor.Mirror.Objects[id].Slot, scene.Actor.Mirror.Objects[id].Generation);

    private static ulong MoveBy(Scene scene, uint slot, byte generation, uint x = 9)
    {
        byte[] frame = new byte[TransformUpdate.MaxSize(1)];
        var entry = new TransformUpdateEntry(slot, generation, RoomSpace.Default.Pack(x, 1, 2, SmallestThree.Identity), default);
        int length = TransformUpdate.WriteSingle(frame, RoomSpace.Default, entry);
        scene.Actor.Say((ref Protocol.Primitives.FrameWriter writer, ulong _) => writer.WriteRaw(frame.AsSpan(0, length)), numbered: false);
        return 0;
    }

    private void Refused(Scene scene, Row row, CloseCode code, bool isMove)
    {
        if (!isMove)
        {
            MustNot(scene.Actor, () => row.Ask(scene), code);
        }
        else
        {
            string before = string.Join(' ', scene.Other.Values);
            row.Ask(scene);
            Settle();
            Assert.Equal((Protocol.Frames.FrameType.TransformUpdate, code, 0ul), Assert.Single(scene.Actor.Errors));
            Assert.Equal(before, string.Join(' ', scene.Other.Values));
        }

        Assert.Empty(scene.Other.Heard);
    }

    private Scene Stage(string role, string? user = "actor")
    {
        var store = new MemoryModerationStore(TimeProvider.System);
        store.BanAsync("plaza", "user:somebody", null, "", default).AsTask().Wait();
        Simulation = new Simulation(new ShardSettings
        {
            IdleTimeoutMicros = long.MaxValue,
            HeartbeatMicros = long.MaxValue,
            Store = store,
        });
        Clients.Clear();
        SimulatedClient boss = Enter("Boss", "owner");
        SimulatedClient actor = Enter("Actor", role, user);
        SimulatedClient other = Enter("Other", "member");
        SimulatedClient victim = Enter("Victim", "guest", "victim");
        if (Options.HasLobby)
        {
            Must(boss, boss.Manage(ManageAction.Enter));
            Must(other, other.Manage(ManageAction.Enter));
        }

        const ObjectFlags Kind = ObjectFlags.Persistent | ObjectFlags.Placed;
        uint own = Must(boss, boss.Create("own", flags: Kind));
        uint others = Must(other, other.Create("others", flags: Kind));
        uint free = Must(boss, boss.Create("free", flags: Kind));
        uint locked = Must(other, other.Create("locked", flags: Kind));
        Must(boss, boss.Claim(own, ClaimAction.Give, Id(actor)));
        Must(boss, boss.Claim(free, ClaimAction.Release));
        Must(other, other.Claim(locked, ClaimAction.Lock));
        Must(boss, boss.Set(AttributeTarget.OfRoom(), "open", [0], Open));
        Must(other, other.Set(OfObject(others), "open", [0], Open));
        Must(other, other.Set(OfObject(others), "map", [0x80]));
        Must(other, other.Set(AttributeTarget.OfMember(Id(other)), "open", [0], Open));
        return new Scene(boss, actor, other, victim, own, others, free, locked);
    }

    private sealed record Scene(
        SimulatedClient Boss,
        SimulatedClient Actor,
        SimulatedClient Other,
        SimulatedClient Victim,
        uint Own,
        uint Others,
        uint Free,
        uint Locked)
    {
        /// <summary>Where one's own object is.</summary>
        public uint Slot => Actor.Mirror.Objects[Own].Slot;
    }

    private sealed record Row(
        string Name, int Lowest, Func<Scene, ulong> Ask, CloseCode Refusal = CloseCode.Forbidden, Func<Scene, bool>? Shows = null);
}
