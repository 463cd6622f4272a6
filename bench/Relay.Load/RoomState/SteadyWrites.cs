using System.Globalization;
using System.Text;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.RoomState;

/// <summary>Everybody sets attributes of its own, one small number each, which all others are told: the figure for what a reliable
/// delivery costs.</summary>
internal sealed class SteadyWrites : Workload
{
    private const int Keys = 4;

    public override void Act(StateClient client, long dueNanos)
    {
        Stay stay = client.Stay!;
        ulong number = client.NextNumber;
        string key = string.Create(CultureInfo.InvariantCulture, $"k{number % Keys}");
        var target = AttributeTarget.OfMember(stay.Member);
        var name = new AttributeName(target, key);
        var deed = new Deed { Kind = DeedKind.Write, Author = stay, Number = number, DueNanos = dueNanos, Name = name };
        Span<byte> value = stackalloc byte[16];
        var stamp = new MessagePackWriter(value);
        stamp.WriteUInt64(deed.Stamp);
        Span<byte> frame = stackalloc byte[256];
        var writer = new FrameWriter(frame);
        new SetAttribute { Sequence = number, Target = target, KeyUtf8 = Encoding.UTF8.GetBytes(key), Value = stamp.WrittenSpan }
            .Write(ref writer);
        client.Send(writer.WrittenSpan, deed);
    }
}
