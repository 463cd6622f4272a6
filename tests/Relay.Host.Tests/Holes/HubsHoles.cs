using System.Text;
using System.Text.Json.Nodes;
using Relay.Client;
using Relay.Host.Tests.Accounts;
using Relay.Host.Tests.NafUws;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Host.Tests.Holes;

/// <summary>Ways around Reticulum's checks of who may say and do what, tried here over the real wire. Two more have their tests where their
/// subject is: hole C, senders said twice (<see cref="NafUwsTests"/>), and hole E, permission tokens that are not looked at
/// (<see cref="AuthorizerTests"/>).</summary>
public sealed class HubsHoles : IClassFixture<AccountsFixture>
{
    private const string FirstSync = """{"dataType":"um","data":{"d":[{"isFirst\u0053ync":true,"persistent":false,"networkId":"x","owner":"anna","template":"#x-media"}]}}""";

    private static readonly Transform Here = new(1, 0, 1);
    private static readonly Transform There = new(5, 0, 5);

    private readonly AccountsServer _server;

    public HubsHoles(AccountsFixture fixture) => _server = fixture.Server;

    /// <summary>Hole A: what may be said was decided by looking for a word in the JSON, and a key with an escaped letter is another word there
    /// and the same key to whoever decodes it. Here decisions are made on frames that were decoded, and an event makes nothing, whatever its text
    /// says.</summary>
    [Fact]
    public async Task HubsHoleA_keyThatIsEscaped_getsNothingPastThoseWhoDecide()
    {
        await using Resident anna = await Resident.EnterAsync(_server, "Anna", "hole-a");
        await using Resident looker = await Resident.EnterAsync(_server, "Looker", "hole-a", "guest");
        await looker.Link.SendEventAsync(2000, Encoding.UTF8.GetBytes(FirstSync));
        await Resident.RefusedAsync(looker.Link.CreateObjectAsync(new ObjectSpec { Name = "x" }), CloseCode.Forbidden);
        Assert.Equal([CloseCode.Forbidden], looker.Refusals);

        // Who may speak is heard, and still has made nothing.
        await using Resident ben = await Resident.EnterAsync(_server, "Ben", "hole-a");
        await ben.Link.SendEventAsync(2000, Encoding.UTF8.GetBytes(FirstSync));
        await Resident.UntilAsync(() => anna.Events.Length == 1, "Ben is heard");
        Assert.Equal((ben.Id, 2000u, Convert.ToHexString(Encoding.UTF8.GetBytes(FirstSync))), anna.Events[0]);
        Assert.Equal((0, 0), (anna.View.State.ObjectCount, ben.View.State.ObjectCount));
    }

    /// <summary>Hole A in networked-aframe's own JSON: an escaped key is the key that it is, for what is decided and for who is told to have sent
    /// it.</summary>
    [Fact]
    public async Task HubsHoleA_keyThatIsEscaped_isTheSameKey_inTheUwsDialect()
    {
        await using RelayProgram program = await RelayProgram.StartAsync("--Relay:Host:NafUws:Enabled=true");
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic"), carl = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage ben = await UwsPage.ConnectAsync(program);
        await ben.TextAsync("""{"\u0065vent":"join\u0052oom","d\u0061ta":{"r\u006fom":"basic"}}""");
        string id = (await ben.UntilAsync("connectSuccess"))["socketId"]!.GetValue<string>();
        await ben.TextAsync($$$"""{"event":"broad\u0063ast","data":{"fr\u006fm":"{{{anna.Id}}}","t\u0079pe":"um","data":{"isFirst\u0053ync":true},"from":"{{{anna.Id}}}"}}""");
        foreach (UwsPage page in new[] { anna, carl })
        {
            JsonNode got = await page.UntilAsync("broadcast");
            Assert.Equal(["from", "type", "data"], got.AsObject().Select(entry => entry.Key));
            Assert.Equal((id, "um"), (got["from"]!.GetValue<string>(), got["type"]!.GetValue<string>()));
        }
    }

    /// <summary>Hole B: a spawn that did not say whether it was persistent went unchecked, and everybody took it for checked. Here making
    /// something is one message with one check, what it does not say is no, and what lasts takes a permission each time.</summary>
    [Fact]
    public async Task HubsHoleB_whatIsNotSaid_isNotGranted()
    {
        const uint WithoutPin = (uint)(RoomPermissions.Move | RoomPermissions.SendEvents | RoomPermissions.CreateObjects | RoomPermissions.TakeObjects);
        await using AccountsServer server = await AccountsServer.StartAsync(
            "--Relay:Room:Roles:0:Name=visitor", $"--Relay:Room:Roles:0:Permissions={WithoutPin}",
            "--Relay:Room:Roles:1:Name=owner", $"--Relay:Room:Roles:1:Permissions={(uint)RoomPermissions.CloseRoom * 2 - 1}",
            "--Relay:Room:DefaultRole=visitor");
        await using Resident owner = await Resident.EnterAsync(server, "Owner", role: "owner");
        await using Resident ben = await Resident.EnterAsync(server, "Ben");
        uint thing = await ben.Link.CreateObjectAsync(new ObjectSpec { Name = "thing" });
        await owner.SeesAsync(thing, known => known.Owner == ben.Id, "Ben's thing");
        Assert.Equal((ObjectFlags.None, ben.Id), (owner.Sees(thing).Flags, owner.Sees(thing).Creator));

        await Resident.RefusedAsync(ben.Link.CreateObjectAsync(new ObjectSpec { IsPersistent = true }), CloseCode.Forbidden);
        await Resident.RefusedAsync(ben.Link.UpdateObjectAsync(thing, flags: ObjectFlags.Persistent), CloseCode.Forbidden);
        uint board = await owner.Link.CreateObjectAsync(new ObjectSpec { Name = "board", IsPersistent = true });
        await Resident.RefusedAsync(ben.Link.CloneObjectAsync(board), CloseCode.Forbidden);
        await ben.SettledAsync();
        Assert.Equal(2, owner.View.State.ObjectCount);
        Assert.Equal(ObjectFlags.None, owner.Sees(thing).Flags);

        // What he may have made goes with him.
        await ben.DisposeAsync();
        await Resident.UntilAsync(() => owner.View.State.ObjectCount == 1, "Ben's thing is gone");
    }

    /// <summary>Hole D: owner and sender stood in the message, as whoever wrote it pleased. Here a frame has no field for either: both are what the
    /// server knows, and what an event says of them is text.</summary>
    [Fact]
    public async Task HubsHoleD_senderAndOwner_areWhatTheServerKnows()
    {
        await using Resident anna = await Resident.EnterAsync(_server, "Anna", "hole-d");
        await using Resident ben = await Resident.EnterAsync(_server, "Ben", "hole-d"), carl = await Resident.EnterAsync(_server, "Carl", "hole-d");
        uint ball = await anna.Link.CreateObjectAsync(new ObjectSpec { Name = "ball", IsPlaced = true, IsFixed = true, Place = Here });
        await Task.WhenAll(ben.SeesAsync(ball, known => known.IsPlaced, "the ball"), carl.SeesAsync(ball, known => known.IsPlaced, "the ball"));

        string lie = $$"""{"from":"{{anna.Id}}","owner":"{{ben.Id}}","networkId":"ball","lastOwnerTime":9999999999999}""";
        await ben.Link.SendEventAsync(2000, Encoding.UTF8.GetBytes(lie));
        await Resident.UntilAsync(() => carl.Events.Length == 1, "Ben is heard");
        Assert.Equal(ben.Id, carl.Events[0].Sender);

        ben.Link.MoveObject(ben.Sees(ball), There);
        await Resident.UntilAsync(() => ben.Refusals.Length == 1, "Ben is refused");
        Assert.Equal(CloseCode.NotOwner, ben.Refusals[0]);
        foreach (uint expected in new uint[] { 0, ben.Id, carl.Id })
        {
            await Resident.RefusedAsync(ben.Link.TakeAsync(ball, expected), CloseCode.Conflict);
        }

        await Resident.RefusedAsync(ben.Link.TakeAsync(ball, anna.Id), CloseCode.Forbidden);
        await Resident.RefusedAsync(ben.Link.GiveAsync(ball, ben.Id), CloseCode.Forbidden);
        await Resident.RefusedAsync(ben.Link.UpdateObjectAsync(ball, name: "mine"), CloseCode.Forbidden);
        await Resident.RefusedAsync(ben.Link.RemoveObjectAsync(ball), CloseCode.Forbidden);
        await Resident.RefusedAsync(ben.Link.SetAttributeAsync(new AttributeTarget(TargetKind.Object, ball), "owner", ben.Id), CloseCode.Forbidden);
        await Resident.UntilAsync(() => carl.View.State.TryGetTransform(ball, out _), "the ball's place");
        Assert.True(carl.View.State.TryGetTransform(ball, out Transform place));
        Assert.Equal((anna.Id, anna.Id, "ball", 1.0), (carl.Sees(ball).Owner, carl.Sees(ball).Creator, carl.Sees(ball).Name, Math.Round(place.X, 3)));
    }

    /// <summary>Hole F: an entity was found by its id alone, also from another room, and a file of somebody else could be let go. Here an id is one
    /// of the room that one is in, and what is another's is refused by who one is.</summary>
    [Fact]
    public async Task HubsHoleF_anotherRoomsObjects_cannotBeNamed_andAnotherMembersNotRemoved()
    {
        await using Resident anna = await Resident.EnterAsync(_server, "Anna", "hole-f");
        await using Resident near = await Resident.EnterAsync(_server, "Near", "hole-f"), far = await Resident.EnterAsync(_server, "Far", "hole-f-elsewhere", "owner");
        uint first = await anna.Link.CreateObjectAsync(new ObjectSpec { Name = "first", IsPersistent = true });
        uint second = await anna.Link.CreateObjectAsync(new ObjectSpec { Name = "second", IsPersistent = true });
        uint own = await far.Link.CreateObjectAsync(new ObjectSpec { Name = "second" });
        Assert.Equal(first, own);

        // Whoever may do anything, there: the same number is a thing of that room, or of none.
        await Resident.RefusedAsync(far.Link.UpdateObjectAsync(second, name: "taken"), CloseCode.NotFound);
        await Resident.RefusedAsync(far.Link.TakeAsync(second, anna.Id), CloseCode.NotFound);
        await Resident.RefusedAsync(far.Link.SetAttributeAsync(new AttributeTarget(TargetKind.Object, second), "x", 1), CloseCode.NotFound);
        await Resident.RefusedAsync(far.Link.RemoveObjectAsync(second), CloseCode.NotFound);
        await far.Link.UpdateObjectAsync(own, name: "renamed");
        await far.Link.RemoveObjectAsync(own);
        await Resident.RefusedAsync(near.Link.RemoveObjectAsync(second), CloseCode.Forbidden);

        await near.SeesAsync(second, _ => true, "the second");
        Assert.Equal([("first", anna.Id), ("second", anna.Id)], near.View.State.Objects().OrderBy(one => one.Id).Select(one => (one.Name, one.Owner)));
        Assert.Empty(near.View.State.Attributes());
    }
}
