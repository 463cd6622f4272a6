using Relay.Core.Rooms;
using Relay.Core.Tests.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.Stores;

/// <summary>New settings for a room that is open, and the attribute in which it tells them.</summary>
public sealed class SettingsTests : StateTest
{
    private const RoomPermissions All = (RoomPermissions)0xFFFF;

    private static readonly (AttributeTarget, string) Facts = (AttributeTarget.OfRoom(), "relay.room");

    [Fact]
    public void Settings_holdAtOnce_andEachStaleFieldIsTold()
    {
        SimulatedClient anna = Enter("Anna", "owner"), ben = Enter("Ben");
        SettingsChange change = Apply(new RoomOptions { Capacity = 2, TickRate = 30, Info = Map(("title", "Plaza")) });
        Assert.Equal(["Capacity", "Info"], change.Applied);
        Assert.Equal(["TickRate"], change.Waiting);
        Assert.Equal(20, 1_000_000 / Room.TickMicros);
        AssertAllSeeTheTruth();
        Assert.Equal("""{"capacity":2,"roles":[""", Text(anna)[..23]);
        Assert.EndsWith("""}],"title":"Plaza"}""", Text(anna), StringComparison.Ordinal);
        SimulatedClient cleo = Simulation.ConnectAndJoin("Cleo");
        Assert.Equal(CloseCode.RoomFull, Assert.Single(cleo.Errors).Code);

        anna.StateLog.Clear();
        change = Apply(new RoomOptions { Capacity = 3, TickRate = 30, Info = Map(("scene", "s1")) });
        Assert.Equal(["Capacity", "Info"], change.Applied);
        Assert.Equal(["TickRate"], change.Waiting);
        Settle();
        Assert.Equal(["merged relay.room", "merged relay.room", "merged relay.room"], anna.StateLog);
        Assert.StartsWith("""{"capacity":3,""", Text(ben), StringComparison.Ordinal);
        Assert.EndsWith("""}],"scene":"s1"}""", Text(ben), StringComparison.Ordinal);
        AssertAllSeeTheTruth();
        anna.StateLog.Clear();
        change = Apply(new RoomOptions { Capacity = 3, TickRate = 30, Info = Map(("scene", "s1")) });
        Settle();
        Assert.Empty(change.Applied);
        Assert.Empty(anna.StateLog);
        Enter("Dora");
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Roles_areKeptByName_withWhatTheyMayNowDoAndSee_andOneThatIsGoneBecomesTheDefault()
    {
        SimulatedClient anna = Enter("Anna", "owner"), ben = Enter("Ben", "moderator"), cleo = Enter("Cleo", "guest");
        AttributeTerms secret = AttributeTerms.Default with { Readers = new Access(AccessKind.Owner) };
        Must(anna, anna.Set(AttributeTarget.OfRoom(), "secret", StateAsks.Number(1), secret));
        Assert.Contains((AttributeTarget.OfRoom(), "secret"), ben.Mirror.Attributes.Keys);
        var options = new RoomOptions { DefaultRole = "guest" };
        options.Roles.Add(new RoomRole { Name = "guest", Permissions = RoomPermissions.Move });
        options.Roles.Add(new RoomRole { Name = "owner", Permissions = All });
        Assert.Equal(["Roles", "DefaultRole"], Apply(options).Applied);
        Settle();
        Assert.Equal(
            [1, 0, 0], new[] { anna, ben, cleo }.Select(client => (int)anna.Members[Id(client)].Role));
        Assert.DoesNotContain((AttributeTarget.OfRoom(), "secret"), ben.Mirror.Attributes.Keys);
        Assert.Contains((AttributeTarget.OfRoom(), "secret"), anna.Mirror.Attributes.Keys);
        AssertAllSeeTheTruth();

        // A guest could not move before and can now; a moderator could do more.
        cleo.Move(5, Simulation.Now);
        Settle();
        Assert.Contains(cleo.Seat!.Slot, anna.Values.Keys);
        MustNot(ben, () => ben.Create(), CloseCode.Forbidden);
        Assert.Equal(0, ben.Left is null ? 0 : 1);
    }

    [Fact]
    public void LobbyThatIsNoMore_letsEverybodyOut()
    {
        Options.HasLobby = true;
        SimulatedClient anna = Enter("Anna", "owner");
        Assert.Equal(MemberStanding.Lobby, anna.Members[Id(anna)].Standing);
        Apply(new RoomOptions());
        Settle();
        Assert.Equal(MemberStanding.None, anna.Members[Id(anna)].Standing);
        Must(anna, anna.Create());
    }

    [Fact]
    public void ReservedKeys_areTheServersAlone()
    {
        Options.Info = Map(("title", "Plaza"));
        SimulatedClient anna = Enter("Anna", "owner");
        Assert.Contains(Facts, anna.Mirror.Attributes.Keys);
        MustNot(anna, () => anna.Set(AttributeTarget.OfRoom(), "relay.room", StateAsks.Number(1)), CloseCode.Forbidden);
        MustNot(anna, () => anna.Merge(AttributeTarget.OfRoom(), "relay.room", "title", StateAsks.Number(1)), CloseCode.Forbidden);
        MustNot(anna, () => anna.Delete(AttributeTarget.OfRoom(), "relay.room"), CloseCode.Forbidden);
        MustNot(anna, () => anna.Set(AttributeTarget.OfMember(Id(anna)), "relay.x", StateAsks.Number(1)), CloseCode.Forbidden);
        MustNot(
            anna, () => anna.Create(attributes: [("relay.x", AttributeTerms.Default, StateAsks.Number(1))]), CloseCode.Forbidden);
        Must(anna, anna.Set(AttributeTarget.OfRoom(), "relays", StateAsks.Number(1)));
    }

    [Fact]
    public void KeyOfAFile_isReserved_exceptOfObjects()
    {
        SimulatedClient anna = Enter("Anna", "owner");
        uint picture = Must(anna, anna.Create(attributes: [("relay.file", AttributeTerms.Default, StateAsks.Number(1))]));
        var target = AttributeTarget.OfObject(picture);
        Must(anna, anna.Set(target, "relay.file", StateAsks.Number(2)));
        Assert.Equal("02", anna.Mirror.Attributes[(target, "relay.file")].Value);
        Must(anna, anna.Delete(target, "relay.file"));
        foreach (AttributeTarget other in (AttributeTarget[])
            [AttributeTarget.OfRoom(), AttributeTarget.OfMember(Id(anna)), new(TargetKind.ObjectMember, picture, Id(anna))])
        {
            MustNot(anna, () => anna.Set(other, "relay.file", StateAsks.Number(1)), CloseCode.Forbidden);
        }

        MustNot(anna, () => anna.Set(target, "relay.files", StateAsks.Number(1)), CloseCode.Forbidden);
    }

    [Theory]
    [InlineData(new byte[] { 0x01 })]
    [InlineData(new byte[] { 0x81, 0x01, 0x02 })]
    [InlineData(new byte[] { 0x81, 0xA1 })]
    [InlineData(new byte[] { 0x81, 0xA5, (byte)'r', (byte)'o', (byte)'l', (byte)'e', (byte)'s', 0x01 })]
    public void Info_thatIsNoMap_orTellsWhatTheServerTells_isRefused(byte[] info) =>
        Assert.Contains("Info", Assert.Single(new RoomOptions { Info = info }.Validate("Room")), StringComparison.Ordinal);

    private static byte[] Map(params (string Key, string Value)[] fields)
    {
        byte[] bytes = new byte[256];
        var writer = new MessagePackWriter(bytes);
        writer.WriteMapHeader(fields.Length);
        foreach ((string key, string value) in fields)
        {
            writer.WriteString(key);
            writer.WriteString(value);
        }

        return writer.WrittenSpan.ToArray();
    }

    private static string Text(SimulatedClient client) =>
        MessagePackText.Format(Convert.FromHexString(client.Mirror.Attributes[Facts].Value), 4096).Replace(" ", "", StringComparison.Ordinal);

    private SettingsChange Apply(RoomOptions options)
    {
        Assert.Empty(options.Validate("Room"));
        return Reconfiguration.Apply(Simulation.Shard, Room, options);
    }
}
