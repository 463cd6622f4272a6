using Relay.Load.Recordings;
using Relay.Load.Recordings.Download;
using Relay.Load.Server;
using Relay.Load.Wire;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.Tests.Recordings;

/// <summary>A server of its own, and the files of a test.</summary>
internal sealed class Scene : IDisposable
{
    public const string Room = "Plaza/1";

    private static readonly byte[] BenAsPath = [0xA3, .. "Ben"u8];
    private static readonly byte[] Oak = [0xA3, .. "oak"u8];
    private static readonly byte[] One = [1];

    private readonly string _directory = Directory.CreateTempSubdirectory("relay-recordings-").FullName;
    private readonly Target _target;

    private Scene(Target target) => _target = target;

    public ServerAddress Address => _target.Address;

    public Uri Url => new($"http://127.0.0.1:{Address.HttpPort}");

    public static async Task<Scene> StartAsync()
    {
        Assert.Null(HostLocator.Find(given: null, out string host));
        return new Scene(await Target.StartAsync(host, new ServerSettings { Cadence = "5" }, CancellationToken.None));
    }

    public string FileNamed(string name) => Path.Combine(_directory, name);

    public void Dispose()
    {
        _target.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Records what the room's recorder has.</summary>
    public async Task<RecordingFile> RecordAsync(string room)
    {
        string file = FileNamed("recorded.rlog");
        using var said = new StringWriter();
        Assert.Equal(0, await new RecordRun(new RecordOptions(room, 0, Url, file), said, said).RunAsync(CancellationToken.None));
        return RecordingFile.Read(file);
    }

    /// <summary>
    /// What people do in a room: a tree of objects with attributes, written with and without expectations, cloned, moved, locked, given and
    /// removed; talk to all and to one; somebody who comes late and leaves before the end. Anna and Ben are there at the end.
    /// </summary>
    public static async Task<IDisposable[]> PlayAsync(ServerAddress address, string room = Room)
    {
        TestMember anna = await TestMember.JoinAsync(address, "Anna", room);
        TestMember ben = await TestMember.JoinAsync(address, "Ben", room);
        anna.Move(1, 2);
        const ObjectFlags Furniture = ObjectFlags.Placed | ObjectFlags.Persistent;
        uint table = (uint)await anna.CreateAsync("furniture", "table", flags: Furniture, attributes: [("legs", [4]), ("wood", Oak)]);
        uint lamp = (uint)await ben.CreateAsync("light", "lamp", table);
        uint vase = (uint)await anna.CreateAsync("thing", "vase", table);
        Assert.Equal(0ul, await ben.CreateAsync("light", "lamp"));
        ulong version = await anna.SetAsync(AttributeTarget.OfObject(table), "legs", [3]);
        await anna.SetAsync(AttributeTarget.OfObject(table), "legs", [5], expected: version);
        Assert.Equal(0ul, await anna.SetAsync(AttributeTarget.OfObject(table), "legs", [6], expected: version));
        await ben.SetAsync(AttributeTarget.OfMember(ben.Id), "mood", [0xA5, .. "happy"u8]);
        var anyone = new AttributeTerms(AttributeFlags.None, new Access(AccessKind.Everyone), new Access(AccessKind.Everyone));
        await anna.SetAsync(AttributeTarget.OfObject(table), "guests", [0x80], terms: anyone);
        await ben.AskAsync((ref FrameWriter writer, ulong sequence) => new SetAttribute
        {
            Sequence = sequence,
            Operation = AttributeOperation.Merge,
            Target = AttributeTarget.OfObject(table),
            KeyUtf8 = "guests"u8,
            Path = BenAsPath,
            Value = One,
        }.Write(ref writer));
        ulong clone = await anna.AskAsync((ref FrameWriter writer, ulong sequence) =>
            new CloneObject { Sequence = sequence, Object = table, NameUtf8 = "table-2"u8 }.Write(ref writer));
        Assert.NotEqual(0ul, clone);

        // The lamp's copy has no name: its number is known from what the room told alone. It is the first below the clone.
        await anna.SetAsync(AttributeTarget.OfObject((uint)clone + 1), "copied", [0xC3]);
        await anna.AskAsync((ref FrameWriter writer, ulong sequence) =>
            new Claim { Sequence = sequence, Object = vase, Action = ClaimAction.Give, Argument = ben.Id }.Write(ref writer));
        await ben.AskAsync((ref FrameWriter writer, ulong sequence) => new UpdateObject
        {
            Sequence = sequence,
            Object = vase,
            Fields = ObjectFields.Parent | ObjectFields.Name,
            Parent = lamp,
            NameUtf8 = "blue vase"u8,
        }.Write(ref writer));
        anna.MoveObject(table, -3, 4.25);
        anna.MoveObject((uint)clone, 7, -7);
        await anna.SettleAsync();

        using (TestMember cleo = await TestMember.JoinAsync(address, "Cleo", room))
        {
            cleo.Move(5, 5);
            await cleo.CreateAsync("toy", "ball");
            uint gone = (uint)await cleo.CreateAsync("toy", "kite", flags: ObjectFlags.Persistent);
            await cleo.AskAsync((ref FrameWriter writer, ulong sequence) =>
                new RemoveObject { Sequence = sequence, Object = gone }.Write(ref writer));
            cleo.Tell((uint)SignalKind.Chat, [0xA2, .. "hi"u8]);
            cleo.Tell(2000, [0xFF, 0x00, 0xC1], EventAudience.Member, anna.Id);
            await cleo.SettleAsync();
            await cleo.LeaveAsync();
        }

        ben.Tell(2001, [0x93, 1, 2, 3], EventAudience.Others);
        anna.Tell(2001, [7]);
        for (int step = 0; step < 10; step++)
        {
            anna.Move(1 + (step * 0.1), 2);
            ben.Move(-1, step * 0.2);
            await anna.SettleAsync();
        }

        await ben.SettleAsync();
        return [anna, ben];
    }
}
