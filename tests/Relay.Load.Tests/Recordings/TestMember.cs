using System.Collections.Concurrent;
using System.Text;
using Relay.Load.Wire;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tests.Recordings;

/// <summary>Writes one frame with a number.</summary>
internal delegate void Ask(ref FrameWriter writer, ulong sequence);

/// <summary>A real client in a real room: says one thing after the other and waits for the answers.</summary>
internal sealed class TestMember : FrameSink, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<ulong>> _answers = new();
    private readonly ConcurrentDictionary<uint, (uint Slot, byte Generation)> _slots = new();
    private readonly LoadConnection _connection;
    private readonly string _name;
    private readonly string _room;
    private readonly Lock _gate = new();
    private ulong _sequence;

    private TestMember(ServerAddress address, string name, string room)
    {
        (_name, _room) = (name, room);
        _connection = new LoadConnection(address.EndPoint(LoadTransport.Tcp), LoadTransport.Tcp, this, new WireCounter());
    }

    public uint Id { get; private set; }

    private uint Slot { get; set; }

    private byte Generation { get; set; }

    private RoomSpace Space { get; set; } = RoomSpace.Default;

    public static async Task<TestMember> JoinAsync(ServerAddress address, string name, string room)
    {
        var member = new TestMember(address, name, room);
        Task<ulong> joined = member.AnswerTo(1);
        await member._connection.OpenAsync(CancellationToken.None);
        await joined;
        return member;
    }

    /// <summary>Asks for something that is always answered.</summary>
    /// <returns>What Done said; 0 if it was refused.</returns>
    public Task<ulong> AskAsync(Ask ask)
    {
        lock (_gate)
        {
            Task<ulong> answer = AnswerTo(_sequence + 1);
            Send(ask);
            return answer;
        }
    }

    public Task<ulong> CreateAsync(
        string type, string name, uint parent = 0, ObjectFlags flags = ObjectFlags.None, params (string Key, byte[] Value)[] attributes) =>
        AskAsync((ref FrameWriter writer, ulong sequence) =>
        {
            new CreateObject
            {
                Sequence = sequence,
                Flags = flags,
                Parent = parent,
                TypeUtf8 = Bytes(type),
                NameUtf8 = Bytes(name),
            }.Begin(ref writer, attributes.Length);
            foreach ((string key, byte[] value) in attributes)
            {
                AttributeTerms terms = AttributeTerms.Default with { Flags = AttributeFlags.Cloneable };
                new InitialAttribute { Terms = terms, KeyUtf8 = Bytes(key), Value = value }.Write(ref writer);
            }

            writer.EndFrame(FrameType.CreateObject);
        });

    public Task<ulong> SetAsync(AttributeTarget target, string key, byte[] value, ulong? expected = null, AttributeTerms? terms = null) =>
        AskAsync((ref FrameWriter writer, ulong sequence) => new SetAttribute
        {
            Sequence = sequence,
            Target = target,
            KeyUtf8 = Bytes(key),
            Value = value,
            Expected = expected,
            Terms = terms,
        }.Write(ref writer));

    public void Tell(uint kind, byte[] payload, EventAudience audience = EventAudience.Everyone, uint to = 0)
    {
        lock (_gate)
        {
            Send((ref FrameWriter writer, ulong sequence) => new SendEvent
            {
                Sequence = sequence,
                Audience = audience,
                Member = to,
                Kind = kind,
                Payload = payload,
            }.Write(ref writer));
        }
    }

    /// <summary>Moves the avatar.</summary>
    public void Move(double x, double z) => Move(Slot, Generation, x, z);

    /// <summary>Moves a placed object.</summary>
    public void MoveObject(uint id, double x, double z) => Move(_slots[id].Slot, _slots[id].Generation, x, z);

    /// <summary>Waits until everything before it has been dealt with.</summary>
    public Task SettleAsync() => SetAsync(AttributeTarget.OfMember(Id), "settled", [0xC0]);

    public Task LeaveAsync() => AskAsync((ref FrameWriter writer, ulong sequence) => new Leave { Sequence = sequence }.Write(ref writer));

    public void Dispose() => _connection.Dispose();

    public override void OnOpen(LoadConnection connection)
    {
        Span<byte> bytes = stackalloc byte[512];
        var writer = new FrameWriter(bytes);
        new Hello { VersionOldest = 1, VersionNewest = 1, Credentials = Bytes(_name), AgentUtf8 = "test"u8 }.Write(ref writer);
        new Join { Sequence = ++_sequence, RoomUtf8 = Bytes(_room) }.Write(ref writer);
        connection.TrySend(writer.WrittenSpan, keep: true);
    }

    public override void OnFrame(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        switch (header.Type)
        {
            case FrameType.Joined when Joined.TryRead(body, out Joined joined) == ReadStatus.Ok:
                (Id, Slot, Generation, Space) = (joined.Member, joined.Slot, joined.Generation, joined.Space!);
                Answer(joined.Sequence, 0);
                break;
            case FrameType.Done when Done.TryRead(body, out Done done) == ReadStatus.Ok:
                Answer(done.Sequence, done.Value);
                break;
            case FrameType.Error when ErrorFrame.TryRead(body, out ErrorFrame error) == ReadStatus.Ok:
                Answer(error.Sequence, 0);
                break;
            case FrameType.Left when Left.TryRead(body, out Left left) == ReadStatus.Ok:
                Answer(left.Sequence, 0);
                break;
            case FrameType.State when State.TryRead(body, out State state) == ReadStatus.Ok:
                while (state.TryReadEntry(out StateEntry entry))
                {
                    _slots[entry.Object] = (entry.Slot, entry.Generation);
                }

                break;
        }
    }

    public override void OnClosed(LoadConnection connection, string reason)
    {
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private void Send(Ask ask)
    {
        Span<byte> bytes = stackalloc byte[4096];
        var writer = new FrameWriter(bytes);
        ask(ref writer, ++_sequence);
        _connection.TrySend(writer.WrittenSpan, keep: true);
    }

    private void Move(uint slot, byte generation, double x, double z)
    {
        Assert.Equal(PackStatus.Ok, Space.TryPack(new Transform(x, 1, z), out PackedTransform packed));
        Span<byte> frame = stackalloc byte[64];
        int length = TransformUpdate.WriteSingle(frame, Space, new TransformUpdateEntry(slot, generation, packed, default));
        _connection.TrySend(frame[..length], keep: true);
    }

    private Task<ulong> AnswerTo(ulong sequence) =>
        _answers.GetOrAdd(sequence, _ => new TaskCompletionSource<ulong>(TaskCreationOptions.RunContinuationsAsynchronously))
            .Task.WaitAsync(Patience, TimeProvider.System);

    private void Answer(ulong sequence, ulong value)
    {
        if (_answers.TryGetValue(sequence, out TaskCompletionSource<ulong>? waiting))
        {
            waiting.TrySetResult(value);
        }
    }
}
