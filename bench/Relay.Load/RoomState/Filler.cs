using System.Globalization;
using System.Text;
using Relay.Load.Wire;
using Relay.Protocol.Frames;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>The first member of a room, which makes all its objects and stays, so that they stay.</summary>
internal sealed class Filler(string room, int objects) : Bystander(room)
{
    /// <summary>Attributes of each object.</summary>
    public const int AttributesEach = 10;

    /// <summary>Objects asked for and not answered: enough that the server never waits, few enough for its queue.</summary>
    private const int UnderWay = 32;

    /// <summary>Join has the first number.</summary>
    private const ulong FirstNumber = 2;

    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _frame = new byte[4096];
    private int _asked;
    private int _made;

    /// <summary>Ends when all objects are there.</summary>
    public Task Filled => _filled.Task;

    public override void OnFrame(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        if (header.Type != FrameType.Done)
        {
            base.OnFrame(connection, header, body, nowNanos);
            if (Fault is { } fault)
            {
                _filled.TrySetException(new LoadException($"the room could not be filled: {fault}"));
            }

            return;
        }

        _made++;
        Ask(connection);
        if (_made == objects)
        {
            _filled.TrySetResult();
        }
    }

    public override void OnClosed(LoadConnection connection, string reason)
    {
        base.OnClosed(connection, reason);
        _filled.TrySetException(new LoadException($"the room could not be filled: {reason}"));
    }

    protected override void OnJoined(LoadConnection connection)
    {
        base.OnJoined(connection);
        Ask(connection);
    }

    private void Ask(LoadConnection connection)
    {
        for (; _asked < objects && _asked - _made < UnderWay; _asked++)
        {
            connection.TrySend(MakeFrame(_asked), keep: true);
        }
    }

    /// <summary>Every second object has a place, every fourth stands under the one before it.</summary>
    private ReadOnlySpan<byte> MakeFrame(int number)
    {
        bool isPlaced = number % 2 == 0;
        var writer = new FrameWriter(_frame);
        new CreateObject
        {
            Sequence = FirstNumber + (ulong)number,
            Flags = isPlaced ? ObjectFlags.Placed : 0,
            Parent = number % 4 == 3 ? (uint)number : 0,
            TypeUtf8 = "furniture"u8,
            NameUtf8 = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"thing {number}")),
        }.Begin(ref writer, AttributesEach);
        byte[] value = new byte[64];
        for (int i = 0; i < AttributesEach; i++)
        {
            var packed = new MessagePackWriter(value);
            packed.WriteMapHeader(2);
            packed.WriteString("number"u8);
            packed.WriteInt64(number);
            packed.WriteString("text"u8);
            packed.WriteString("some words"u8);
            new InitialAttribute
            {
                Terms = AttributeTerms.Default,
                KeyUtf8 = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key{i}")),
                Value = packed.WrittenSpan,
            }.Write(ref writer);
        }

        if (isPlaced)
        {
            TransformRecord.Write(ref writer, Space!, Districts.Anywhere(Space!, new Random(number)), default);
        }

        writer.EndFrame(FrameType.CreateObject);
        return writer.WrittenSpan;
    }
}
