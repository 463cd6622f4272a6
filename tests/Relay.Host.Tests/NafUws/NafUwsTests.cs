using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace Relay.Host.Tests.NafUws;

/// <summary>What pages with <c>adapter: uws</c> get: who is there, and each other's messages.</summary>
public sealed class NafUwsTests
{
    private const string Enabled = "--Relay:Host:NafUws:Enabled=true";

    [Fact]
    public async Task Occupants_areToldOfComingsAndGoings()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled);
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic");
        await anna.UntilOccupantsAsync(anna);
        await using UwsPage ben = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage elsewhere = await UwsPage.JoinAsync(program, "other");
        Assert.NotEqual(anna.Id, ben.Id);
        await anna.UntilOccupantsAsync(anna, ben);
        await ben.UntilOccupantsAsync(anna, ben);
        await elsewhere.UntilOccupantsAsync(elsewhere);

        await ben.LeaveAsync();
        await anna.UntilOccupantsAsync(anna);
        Assert.Equal(1000, await ben.EndAsync());

        // Whoever joins again is in the new room only.
        await elsewhere.JoinAsync("basic");
        await anna.UntilOccupantsAsync(anna, elsewhere);
        await anna.JoinAsync("other");
        await elsewhere.UntilOccupantsAsync(elsewhere);
    }

    /// <summary>Reticulum added its own sender beside one that the client had written, and which of the two counted depended on their order.
    /// </summary>
    [Fact]
    public async Task HubsHoleC_broadcast_reachesTheOthersOfTheRoom_fromWhoReallySentIt_howeverOftenFromIsSaid()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled);
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage ben = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage elsewhere = await UwsPage.JoinAsync(program, "other");
        const string Data = """{"d":[{"networkId":"é\u00e9","components":{"0":{"x":1.50,"y":-0.0}},"from":"x","a":[[],{}],"n":null}]}""";
        foreach (string from in new[] { $"\"{ben.Id}\"", "null", "{\"a\":1}" })
        {
            await anna.TextAsync($$$"""{"data":{"data":{{{Data}}},"from":{{{from}}},"type":"um","to":"{{{elsewhere.Id}}}","from":{{{from}}}},"event":"broadcast"}""");
            JsonNode got = await ben.UntilAsync("broadcast");
            Assert.Equal(anna.Id, got["from"]!.GetValue<string>());
            Assert.Equal("um", got["type"]!.GetValue<string>());
            Assert.Equal(["from", "type", "data"], got.AsObject().Select(entry => entry.Key));
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Data), got["data"]));
        }

        // Neither the sender nor another room has got it: the next that they get is this.
        await ben.BroadcastAsync("own", 1);
        Assert.Equal("own", (await anna.UntilAsync("broadcast"))["type"]!.GetValue<string>());
        await using UwsPage neighbour = await UwsPage.JoinAsync(program, "other");
        await neighbour.BroadcastAsync("theirs", 2);
        Assert.Equal("theirs", (await elsewhere.UntilAsync("broadcast"))["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Send_reachesOneOfTheSameRoom_andNobodyElse()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled);
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage ben = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage carl = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage elsewhere = await UwsPage.JoinAsync(program, "other");
        foreach (UwsPage receiver in new[] { ben, elsewhere })
        {
            await anna.SendAsync("send", new JsonObject { ["from"] = carl.Id, ["to"] = receiver.Id, ["type"] = "u", ["data"] = new JsonObject { ["n"] = 1 } });
        }

        JsonNode got = await ben.UntilAsync("send");
        Assert.Equal(anna.Id, got["from"]!.GetValue<string>());
        Assert.Equal(["from", "type", "data"], got.AsObject().Select(entry => entry.Key));

        // Messages of one sender keep their order, so whatever carl was to get would be here before this.
        await anna.BroadcastAsync("last", 0);
        await carl.UntilOccupantsAsync(anna, ben, carl);
        Assert.Equal("last", (await carl.UntilAsync("broadcast"))["type"]!.GetValue<string>());
        await elsewhere.SendAsync("send", new JsonObject { ["to"] = elsewhere.Id, ["type"] = "self", ["data"] = 1 });
        Assert.Equal("self", (await elsewhere.UntilAsync("send"))["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Room_thatIsFull_spillsOverIntoTheFirstInstanceWithAPlace()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled, "--Relay:Host:NafUws:Occupancy=2");
        UwsPage[] pages = new UwsPage[5];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = await UwsPage.JoinAsync(program, "basic");
        }

        await pages[0].UntilOccupantsAsync(pages[0], pages[1]);
        await pages[2].UntilOccupantsAsync(pages[2], pages[3]);
        await pages[4].UntilOccupantsAsync(pages[4]);

        await pages[2].LeaveAsync();
        await pages[3].UntilOccupantsAsync(pages[3]);
        await using UwsPage next = await UwsPage.JoinAsync(program, "basic");
        await next.UntilOccupantsAsync(pages[3], next);

        // An instance has a name like any room.
        await using UwsPage third = await UwsPage.JoinAsync(program, "basic--3");
        await pages[4].UntilOccupantsAsync(pages[4], third);
        foreach (UwsPage page in pages)
        {
            await page.DisposeAsync();
        }
    }

    [Fact]
    public async Task FirstPage_andTheRelay_areWhereTheyWere()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled);
        using HttpClient client = program.Client();
        Assert.Contains("<html", await client.GetStringAsync("/"), StringComparison.OrdinalIgnoreCase);
        using FrameStream relay = await (await FrameStream.WebSocketAsync(program.Http)).JoinAsync("basic");
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic");
        await anna.UntilOccupantsAsync(anna);

        await using RelayProgram moved = await RelayProgram.StartAsync(Enabled, "--Relay:Host:NafUws:Path=/uws");
        await using UwsPage there = await UwsPage.ConnectAsync(moved, "/uws");
        await there.JoinAsync("basic");
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, await UwsPage.RefusalAsync(moved));
        await using RelayProgram without = await RelayProgram.StartAsync();
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, await UwsPage.RefusalAsync(without));
    }

    [Fact]
    public async Task Sigterm_closesWith1001_atOnce()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled);
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage deaf = await UwsPage.JoinAsync(program, "basic");
        await program.Process.TerminateAsync();
        Assert.Equal((int)WebSocketCloseStatus.EndpointUnavailable, await anna.EndAsync());
        await anna.LeaveAsync();
        Assert.Equal(0, await program.Process.ExitAsync(TimeSpan.FromSeconds(10)));
        Assert.Empty(program.Process.Errors);
    }
}
