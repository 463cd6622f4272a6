using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Replay;

/// <summary>Writes what was recorded as it has to be said in the live room.</summary>
internal static class Translator
{
    /// <summary>The most bytes that a message grows by: a few numbers, and records of coarser or finer measures.</summary>
    public const int Growth = 1024;

    /// <summary>Translates a numbered message.</summary>
    /// <param name="act">The message.</param>
    /// <param name="sequence">Its number now.</param>
    /// <param name="numbers">What things are called now.</param>
    /// <param name="measures">The rooms' measures.</param>
    /// <param name="speed">How much faster than recorded time goes by.</param>
    /// <param name="writer">Where to; its bytes mean nothing unless the answer is Known.</param>
    public static Lookup Write(
        Act act, ulong sequence, LiveNumbers numbers, Measures measures, double speed, ref FrameWriter writer)
    {
        var map = new Mapping(numbers);
        ReadOnlySpan<byte> body = act.Body.Span;
        bool isGood = act.Type switch
        {
            FrameType.SendEvent => Event(body, sequence, ref map, ref writer),
            FrameType.CreateObject => Create(body, sequence, measures, ref map, ref writer),
            FrameType.UpdateObject => Update(body, sequence, ref map, ref writer),
            FrameType.RemoveObject => Remove(body, sequence, ref map, ref writer),
            FrameType.CloneObject => Clone(body, sequence, ref map, ref writer),
            FrameType.Claim => Claim(body, sequence, speed, ref map, ref writer),
            FrameType.SetAttribute => Set(body, sequence, ref map, ref writer),
            FrameType.Manage => Manage(body, sequence, ref map, ref writer),
            _ => false,
        };
        return isGood ? map.Found : Lookup.Never;
    }

    private static bool Event(ReadOnlySpan<byte> body, ulong sequence, ref Mapping map, ref FrameWriter writer)
    {
        if (SendEvent.TryRead(body, out SendEvent said) != ReadStatus.Ok)
        {
            return false;
        }

        new SendEvent
        {
            Sequence = sequence,
            Audience = said.Audience,
            Member = map.Member(said.Member),
            Roles = said.Roles,
            Radius = said.Radius,
            Kind = said.Kind,
            Payload = said.Payload,
        }.Write(ref writer);
        return true;
    }

    private static bool Create(ReadOnlySpan<byte> body, ulong sequence, Measures measures, ref Mapping map, ref FrameWriter writer)
    {
        if (CreateObject.TryRead(body, out CreateObject said) != ReadStatus.Ok)
        {
            return false;
        }

        PackedTransform place = default;
        TransformExtension extension = default;
        if (!said.Place.IsEmpty &&
            (TransformRecord.TryRead(said.Place, measures.Recorded, out PackedTransform value, out extension) != ReadStatus.Ok ||
             !measures.TryPack(value, extension.Flags != TransformFlags.None, 0, out place)))
        {
            return false;
        }

        new CreateObject
        {
            Sequence = sequence,
            Flags = said.Flags,
            Parent = map.Object(said.Parent),
            ParentNameUtf8 = said.ParentNameUtf8,
            TypeUtf8 = said.TypeUtf8,
            NameUtf8 = said.NameUtf8,
        }.Begin(ref writer, said.AttributeCount);
        while (said.TryReadAttribute(out InitialAttribute attribute))
        {
            new InitialAttribute
            {
                Terms = map.Terms(attribute.Terms),
                KeyUtf8 = attribute.KeyUtf8,
                Value = attribute.Value,
            }.Write(ref writer);
        }

        if (!said.Place.IsEmpty)
        {
            TransformRecord.Write(ref writer, measures.Live, place, extension);
        }

        writer.EndFrame(FrameType.CreateObject);
        return true;
    }

    private static bool Update(ReadOnlySpan<byte> body, ulong sequence, ref Mapping map, ref FrameWriter writer)
    {
        if (UpdateObject.TryRead(body, out UpdateObject said) != ReadStatus.Ok)
        {
            return false;
        }

        new UpdateObject
        {
            Sequence = sequence,
            Object = map.Object(said.Object),
            Fields = said.Fields,
            Parent = map.Object(said.Parent),
            TypeUtf8 = said.TypeUtf8,
            NameUtf8 = said.NameUtf8,
            Flags = said.Flags,
        }.Write(ref writer);
        return true;
    }

    private static bool Remove(ReadOnlySpan<byte> body, ulong sequence, ref Mapping map, ref FrameWriter writer)
    {
        if (RemoveObject.TryRead(body, out RemoveObject said) != ReadStatus.Ok)
        {
            return false;
        }

        new RemoveObject { Sequence = sequence, Object = map.Object(said.Object) }.Write(ref writer);
        return true;
    }

    private static bool Clone(ReadOnlySpan<byte> body, ulong sequence, ref Mapping map, ref FrameWriter writer)
    {
        if (CloneObject.TryRead(body, out CloneObject said) != ReadStatus.Ok)
        {
            return false;
        }

        new CloneObject
        {
            Sequence = sequence,
            Object = map.Object(said.Object),
            Parent = map.Object(said.Parent),
            NameUtf8 = said.NameUtf8,
        }.Write(ref writer);
        return true;
    }

    private static bool Claim(ReadOnlySpan<byte> body, ulong sequence, double speed, ref Mapping map, ref FrameWriter writer)
    {
        if (Protocol.Messages.Claim.TryRead(body, out Claim said) != ReadStatus.Ok)
        {
            return false;
        }

        new Claim
        {
            Sequence = sequence,
            Object = map.Object(said.Object),
            Action = said.Action,
            Argument = said.Action switch
            {
                ClaimAction.Take or ClaimAction.Give => map.Member(said.Argument),
                // A lock without an end stays one.
                ClaimAction.Lock when said.Argument > 0 => (uint)Math.Clamp(said.Argument / speed, 1, uint.MaxValue),
                _ => said.Argument,
            },
        }.Write(ref writer);
        return true;
    }

    private static bool Set(ReadOnlySpan<byte> body, ulong sequence, ref Mapping map, ref FrameWriter writer)
    {
        if (SetAttribute.TryRead(body, out SetAttribute said) != ReadStatus.Ok)
        {
            return false;
        }

        AttributeTarget target = map.Target(said.Target);
        new SetAttribute
        {
            Sequence = sequence,
            Operation = said.Operation,
            Target = target,
            Expected = said.Expected is null ? null : map.Version(said, target),
            Terms = said.Terms is { } terms ? map.Terms(terms) : null,
            KeyUtf8 = said.KeyUtf8,
            Path = said.Path,
            Value = said.Value,
        }.Write(ref writer);
        return true;
    }

    private static bool Manage(ReadOnlySpan<byte> body, ulong sequence, ref Mapping map, ref FrameWriter writer)
    {
        // A ban holds for the address that a replay has as well: it would shut itself out, and others of its machine.
        if (Protocol.Messages.Manage.TryRead(body, out Manage said) != ReadStatus.Ok || said.Action == ManageAction.Unban)
        {
            return false;
        }

        new Manage
        {
            Sequence = sequence,
            Action = said.Action == ManageAction.Ban ? ManageAction.Kick : said.Action,
            Member = map.Member(said.Member),
            Argument = said.Argument,
            TextUtf8 = said.TextUtf8,
        }.Write(ref writer);
        return true;
    }
}
