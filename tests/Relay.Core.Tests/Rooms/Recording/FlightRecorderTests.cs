using System.Text;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Recording;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;
using Record = Relay.Protocol.Recording.Record;

namespace Relay.Core.Tests.Rooms.Recording;

/// <summary>What a room's flight recorder keeps, and what a recording holds.</summary>
public sealed class FlightRecorderTests
{
    private readonly Simulation _simulation = new();

    [Fact]
    public void Recording_tellsWhatWasAskedAndWhatWasTold_inOrder_andTheRoomAsItIs()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        _simulation.ConnectAndJoin("Ben");
        anna.Create("table");
        anna.Send("hello", _simulation.Pool);
        anna.Move(7, _simulation.Now);
        _simulation.Run(100);

        List<(ulong Time, RecordKind Kind, uint Member, FrameType Type)> records = Read(Request("plaza", null)!.Bytes, out string room);

        Assert.Equal("plaza", room);
        uint member = anna.Seat!.Member;
        FrameType[] asked = [.. records.Where(record => record.Kind == RecordKind.In && record.Member == member).Select(record => record.Type)];
        Assert.Equal([FrameType.SendEvent, FrameType.TransformUpdate, FrameType.CreateObject], asked.Order());
        Assert.Contains(records, record => record is { Kind: RecordKind.Out, Type: FrameType.State });
        Assert.Contains(records, record => record is { Kind: RecordKind.Out, Type: FrameType.Event });
        Assert.Contains(records, record => record is { Kind: RecordKind.Out, Type: FrameType.TransformBatch });
        Assert.Equal(
            [FrameType.Presence, FrameType.State, FrameType.State, FrameType.TransformBatch],
            records.Where(record => record.Kind == RecordKind.Snapshot).Select(record => record.Type));
        Assert.Equal(records.Select(record => record.Time).Order(), records.Select(record => record.Time));
    }

    [Fact]
    public void Recording_goesOn_whereTheAnswerBeforeEnded()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        RecordingRequest.Answer first = Request("plaza", null)!;
        anna.Move(9, _simulation.Now);
        _simulation.Run(100);
        RecordingRequest.Answer second = Request("plaza", first.Next)!;

        List<(ulong Time, RecordKind Kind, uint Member, FrameType Type)> records = ReadRecords(second.Bytes);
        Assert.Equal([FrameType.TransformUpdate, FrameType.TransformBatch], records.Select(record => record.Type));
    }

    [Fact]
    public void SnapshotOfARecording_takesNoBatchFromTheMembers()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        anna.Move(9, _simulation.Now);
        _simulation.Wake();
        Request("plaza", null);
        _simulation.Run(100);

        Assert.Equal(9u, ben.Connection.Seat!.Space.UnpackSteps(ben.Values[anna.Seat!.Slot]).X);
    }

    [Fact]
    public void RoomThatIsNotThere_orWasOpenedAgain_isNotRecorded()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        RecordingRequest.Answer first = Request("plaza", null)!;
        Assert.Null(Request("market", null));
        anna.Leave();
        _simulation.Run(30);
        anna.Join("plaza");
        _simulation.Run(30);
        Assert.Null(Request("plaza", first.Next));

        _simulation.ConnectAndJoin("Ben", "quiet", new RoomOptions { RecorderBytes = 0 });
        Assert.Null(Request("quiet", null));
    }

    [Fact]
    public void FullRecorder_keepsTheNewestWholeRecords_andSaysThatSomeAreMissing()
    {
        var recorder = new FlightRecorder(4096);
        var written = new List<byte[]>();
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            byte[] body = new byte[random.Next(0, 300)];
            random.NextBytes(body);
            recorder.In(i, (uint)i + 1, FrameType.SetAttribute, body);
            written.Add(body);

            byte[] kept = recorder.CopyFrom(recorder.Tail, out bool isComplete);
            Assert.True(isComplete);
            Assert.InRange(kept.Length, 1, 4096);
            List<(ulong Time, uint Member, byte[] Body)> records = Bodies(kept);
            Assert.Equal((ulong)i, records[^1].Time);
            int first = (int)records[0].Time;
            for (int j = 0; j < records.Count; j++)
            {
                Assert.Equal((uint)(first + j + 1), records[j].Member);
                Assert.Equal(written[first + j], records[j].Body);
            }
        }

        recorder.CopyFrom(0, out bool whole);
        Assert.False(whole);
        recorder.In(9999, 1, FrameType.SetAttribute, new byte[5000]);
        Assert.NotEqual(9999ul, Bodies(recorder.CopyFrom(recorder.Tail, out _))[^1].Time);
    }

    private static List<(ulong Time, uint Member, byte[] Body)> Bodies(byte[] bytes)
    {
        var records = new List<(ulong, uint, byte[])>();
        for (int at = 0; at < bytes.Length;)
        {
            Assert.Equal(ReadStatus.Ok, Record.TryRead(bytes.AsSpan(at), out Record record, out int length));
            records.Add((record.Time, record.Member, record.Frames[FrameHeader.Size..].ToArray()));
            at += length;
        }

        return records;
    }

    private static List<(ulong Time, RecordKind Kind, uint Member, FrameType Type)> Read(byte[] bytes, out string room)
    {
        Assert.Equal(ReadStatus.Ok, RecordingHeader.TryRead(bytes, out RecordingHeader header, out int length));
        room = Encoding.UTF8.GetString(header.RoomUtf8);
        return ReadRecords(bytes[length..]);
    }

    private static List<(ulong Time, RecordKind Kind, uint Member, FrameType Type)> ReadRecords(byte[] bytes)
    {
        var records = new List<(ulong, RecordKind, uint, FrameType)>();
        for (int at = 0; at < bytes.Length;)
        {
            Assert.Equal(ReadStatus.Ok, Record.TryRead(bytes.AsSpan(at), out Record record, out int length));
            FrameHeader header = FrameHeader.Read(record.Frames);
            Assert.Equal(record.Frames.Length, FrameHeader.Size + header.BodyLength);
            records.Add((record.Time, record.Kind, record.Member, header.Type));
            at += length;
        }

        return records;
    }

    private RecordingRequest.Answer? Request(string room, RecordingRequest.Position? after)
    {
        var request = new RecordingRequest(room, 0, after);
        _simulation.Shard.Lane.Push(request);
        _simulation.Wake();
        Assert.True(request.Done.IsCompletedSuccessfully);
        return request.Done.Result;
    }
}
