using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>
/// A frame body read by the library: how that went, every field in the order of the wire, and the frame that the library writes of
/// what it read. Tests compare these with the document, the fuzz targets with a second decoder.
/// </summary>
internal sealed partial class DecodedMessage
{
    private readonly FieldList _fields = new();

    private DecodedMessage()
    {
    }

    public ReadStatus Status { get; private set; }

    /// <summary>Every field; only of use when <see cref="Status"/> is Ok.</summary>
    public IReadOnlyList<string> Fields => _fields.Lines;

    /// <summary>The whole frame, written again from what was read; empty unless <see cref="Status"/> is Ok.</summary>
    public byte[] Encoded { get; private set; } = [];

    /// <summary>Reads a body.</summary>
    /// <returns><c>null</c> for a type that the library has no message for.</returns>
    public static DecodedMessage? Read(FrameType type, ReadOnlySpan<byte> body, RoomSpace space)
    {
        var result = new DecodedMessage();
        var writer = new FrameWriter(new byte[(body.Length * 2) + 128]);
        switch (type)
        {
            case FrameType.Nop: result.ReadNop(body, ref writer); break;
            case FrameType.Hello: result.ReadHello(body, ref writer); break;
            case FrameType.Welcome: result.ReadWelcome(body, ref writer); break;
            case FrameType.Close: result.ReadClose(body, ref writer); break;
            case FrameType.Error: result.ReadError(body, ref writer); break;
            case FrameType.GoAway: result.ReadGoAway(body, ref writer); break;
            case FrameType.Ping: result.ReadPing(body, ref writer); break;
            case FrameType.Pong: result.ReadPong(body, ref writer); break;
            case FrameType.Expiring: result.ReadExpiring(body, ref writer); break;
            case FrameType.Renew: result.ReadRenew(body, ref writer); break;
            case FrameType.Join or FrameType.ChangeRoom: result.ReadJoin(type, body, ref writer); break;
            case FrameType.Joined: result.ReadJoined(body, ref writer); break;
            case FrameType.Leave: result.ReadLeave(body, ref writer); break;
            case FrameType.Left: result.ReadLeft(body, ref writer); break;
            case FrameType.Presence: result.ReadPresence(body, ref writer); break;
            case FrameType.SendEvent: result.ReadSendEvent(body, ref writer); break;
            case FrameType.Event: result.ReadEvent(body, ref writer); break;
            case FrameType.TransformUpdate: result.ReadTransformUpdate(body, space, ref writer); break;
            case FrameType.TransformBatch: result.ReadTransformBatch(body, space, ref writer); break;
            case FrameType.CreateObject: result.ReadCreateObject(body, ref writer); break;
            case FrameType.UpdateObject: result.ReadUpdateObject(body, ref writer); break;
            case FrameType.RemoveObject: result.ReadRemoveObject(body, ref writer); break;
            case FrameType.CloneObject: result.ReadCloneObject(body, ref writer); break;
            case FrameType.Claim: result.ReadClaim(body, ref writer); break;
            case FrameType.SetAttribute: result.ReadSetAttribute(body, ref writer); break;
            case FrameType.Manage: result.ReadManage(body, ref writer); break;
            case FrameType.State: result.ReadState(body, ref writer); break;
            case FrameType.Done: result.ReadDone(body, ref writer); break;
            default: return null;
        }

        if (result.Status == ReadStatus.Ok)
        {
            result.Encoded = writer.Overflowed ? throw new InvalidOperationException("The frame did not fit.") : writer.WrittenSpan.ToArray();
        }

        return result;
    }

    private void ReadNop(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = body.IsEmpty ? ReadStatus.Ok : ReadStatus.TrailingBytes;
        writer.BeginFrame();
        writer.EndFrame(FrameType.Nop);
    }

    private void ReadHello(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Hello.TryRead(body, out Hello message);
        _fields.Add("versionOldest", (ulong)message.VersionOldest);
        _fields.Add("versionNewest", (ulong)message.VersionNewest);
        _fields.Add("capabilities", message.Capabilities);
        _fields.Add("credentials", message.Credentials);
        _fields.Add("resumeToken", message.ResumeToken);
        _fields.Add("lastSequence", message.LastSequence);
        if (!message.ResumeToken.IsEmpty)
        {
            _fields.AddHex("epoch", message.Epoch, 16);
            _fields.Add("cursor", message.Cursor);
            _fields.Add("lastAnswer", message.LastAnswer);
        }

        _fields.Add("agent", message.AgentUtf8);
        message.Write(ref writer);
    }

    private void ReadWelcome(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Welcome.TryRead(body, out Welcome message);
        _fields.Add("version", (ulong)message.Version);
        _fields.Add("capabilities", message.Capabilities);
        _fields.AddHex("sessionHigh", message.SessionHigh, 16);
        _fields.AddHex("sessionLow", message.SessionLow, 16);
        _fields.Add("resumeToken", message.ResumeToken);
        _fields.Add("lastApplied", message.LastApplied);
        _fields.Add("serverClock", message.ServerClockMicros);
        _fields.Add("heartbeatMs", (ulong)message.HeartbeatMillis);
        _fields.Add("idleTimeoutMs", (ulong)message.IdleTimeoutMillis);
        _fields.Add("maxFrameBody", (ulong)message.MaxFrameBody);
        _fields.Add("maxServerFrameBody", (ulong)message.MaxServerFrameBody);
        _fields.Add("framesPerSecond", (ulong)message.FramesPerSecond);
        _fields.Add("frameBurst", (ulong)message.FrameBurst);
        _fields.Add("maxEventPayload", (ulong)message.MaxEventPayload);
        _fields.Add("defaultTickMicros", (ulong)message.DefaultTickMicros);
        _fields.Add("name", message.NameUtf8);
        message.Write(ref writer);
    }

    private void ReadClose(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = CloseFrame.TryRead(body, out CloseFrame message);
        _fields.Add("code", (ulong)message.Code);
        _fields.Add("cause", (ulong)message.Cause);
        _fields.Add("limit", message.Limit);
        _fields.Add("value", message.Value);
        _fields.Add("text", message.TextUtf8);
        message.Write(ref writer);
    }

    private void ReadError(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = ErrorFrame.TryRead(body, out ErrorFrame message);
        _fields.AddHex("refusedType", (ulong)message.RefusedType, 2);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("code", (ulong)message.Code);
        _fields.Add("limit", message.Limit);
        _fields.Add("value", message.Value);
        _fields.Add("text", message.TextUtf8);
        message.Write(ref writer);
    }

    private void ReadGoAway(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = GoAway.TryRead(body, out GoAway message);
        _fields.Add("reason", (ulong)message.Reason);
        _fields.Add("deadlineMs", (ulong)message.DeadlineMillis);
        _fields.Add("retryAfterMs", (ulong)message.RetryAfterMillis);
        _fields.Add("jitterMs", (ulong)message.JitterMillis);
        _fields.Add("alternateUrl", message.AlternateUrlUtf8);
        message.Write(ref writer);
    }

    private void ReadPing(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Ping.TryRead(body, out Ping message);
        _fields.Add("stamp", message.Stamp);
        message.Write(ref writer);
    }

    private void ReadPong(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Pong.TryRead(body, out Pong message);
        _fields.Add("stamp", message.Stamp);
        _fields.Add("received", message.ReceivedMicros);
        _fields.Add("sent", message.SentMicros);
        message.Write(ref writer);
    }

    private void ReadJoin(FrameType type, ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Join.TryRead(body, out Join message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("room", message.RoomUtf8);
        _fields.Add("ticket", message.Ticket);
        _fields.Add("flags", message.Epoch != 0 ? 1UL : 0);
        if (message.Epoch != 0)
        {
            _fields.AddHex("epoch", message.Epoch, 16);
            _fields.Add("cursor", message.Cursor);
        }

        message.Write(ref writer, type);
    }

    private void ReadJoined(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Joined.TryRead(body, out Joined message);
        if (message.Space is not { } space)
        {
            return;
        }

        _fields.Add("sequence", message.Sequence);
        _fields.Add("room", message.RoomUtf8);
        _fields.AddHex("epoch", message.Epoch, 16);
        _fields.Add("member", (ulong)message.Member);
        _fields.Add("slot", (ulong)message.Slot);
        _fields.Add("generation", (ulong)message.Generation);
        _fields.Add("minX", space.MinX);
        _fields.Add("minY", space.MinY);
        _fields.Add("minZ", space.MinZ);
        _fields.Add("precision", space.Precision);
        _fields.Add("stepsX", (ulong)space.StepsX);
        _fields.Add("stepsY", (ulong)space.StepsY);
        _fields.Add("stepsZ", (ulong)space.StepsZ);
        _fields.Add("tickMicros", (ulong)message.TickMicros);
        _fields.Add("ageUnitMicros", (ulong)message.AgeUnitMicros);
        _fields.Add("capacity", (ulong)message.Capacity);
        _fields.Add("maxObjects", (ulong)message.MaxObjects);
        _fields.Add("maxValue", (ulong)message.MaxValue);
        AddRoles(message.Roles);
        message.Write(ref writer);
    }

    private void ReadExpiring(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Expiring.TryRead(body, out Expiring message);
        _fields.Add("graceMs", (ulong)message.GraceMillis);
        message.Write(ref writer);
    }

    private void ReadRenew(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Renew.TryRead(body, out Renew message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("credentials", message.Credentials);
        message.Write(ref writer);
    }

    private void ReadLeave(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Leave.TryRead(body, out Leave message);
        _fields.Add("sequence", message.Sequence);
        message.Write(ref writer);
    }

    private void ReadLeft(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Left.TryRead(body, out Left message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("reason", (ulong)message.Reason);
        message.Write(ref writer);
    }

    private void ReadPresence(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Presence.TryRead(body, out Presence message);
        _fields.Add("flags", (ulong)message.Flags);
        _fields.Add("sequence", message.Sequence);
        if ((message.Flags & PresenceFlags.Snapshot) != 0)
        {
            _fields.AddHex("epoch", message.Epoch, 16);
            _fields.Add("version", message.Version);
            Presence.BeginSnapshotPart(ref writer, message.Flags, message.Epoch, message.Sequence, message.Version, message.Count);
        }
        else
        {
            Presence.BeginChange(ref writer, message.Sequence, message.Count);
        }

        _fields.Add("count", (long)message.Count);
        while (Status == ReadStatus.Ok && message.TryReadEntry(out PresenceEntry entry))
        {
            _fields.Add("kind", (ulong)entry.Kind);
            _fields.Add("member", (ulong)entry.Member);
            if (entry.Kind == PresenceKind.Present)
            {
                _fields.Add("slot", (ulong)entry.Slot);
                _fields.Add("generation", (ulong)entry.Generation);
            }

            if (entry.Kind == PresenceKind.Left)
            {
                _fields.Add("reason", (ulong)entry.Reason);
            }
            else
            {
                _fields.Add("role", (ulong)entry.Role);
                _fields.Add("standing", (ulong)entry.Standing);
            }

            if (entry.Kind == PresenceKind.Present)
            {
                _fields.Add("name", entry.NameUtf8);
            }

            entry.Write(ref writer);
        }

        writer.EndFrame(FrameType.Presence);
    }

    private void ReadSendEvent(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = SendEvent.TryRead(body, out SendEvent message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("audience", (ulong)message.Audience);
        if (message.Audience == EventAudience.Member)
        {
            _fields.Add("member", (ulong)message.Member);
        }
        else if (message.Audience == EventAudience.Roles)
        {
            _fields.Add("roles", (ulong)message.Roles);
        }
        else if (message.Audience == EventAudience.Nearby)
        {
            _fields.Add("radius", message.Radius);
        }

        _fields.Add("kind", (ulong)message.Kind);
        _fields.Add("payload", message.Payload);
        message.Write(ref writer);
    }

    private void ReadEvent(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = RoomEvent.TryRead(body, out RoomEvent message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("audience", (ulong)message.Audience);
        _fields.Add("sender", (ulong)message.Sender);
        _fields.Add("kind", (ulong)message.Kind);
        _fields.Add("payload", message.Payload);
        message.Write(ref writer);
    }

    private void ReadTransformUpdate(ReadOnlySpan<byte> body, RoomSpace space, ref FrameWriter writer)
    {
        Status = TransformUpdate.TryRead(body, space, out TransformUpdate message);
        if (Status != ReadStatus.Ok)
        {
            return;
        }

        byte[] frame = new byte[TransformUpdate.MaxSize(message.Count)];
        var frameWriter = new TransformUpdateWriter(frame, space, message.Count);
        _fields.Add("count", (long)message.Count);
        while (message.TryReadEntry(out TransformUpdateEntry entry))
        {
            _fields.Add("slot", (ulong)entry.Slot);
            _fields.Add("generation", (ulong)entry.Generation);
            AddRecord(entry.Value, entry.Extension, space);
            frameWriter.Add(entry);
        }

        writer.WriteRaw(frame.AsSpan(0, frameWriter.Finish()));
    }

    private void ReadTransformBatch(ReadOnlySpan<byte> body, RoomSpace space, ref FrameWriter writer)
    {
        Status = TransformBatch.TryRead(body, space, out TransformBatch message);
        if (Status != ReadStatus.Ok)
        {
            return;
        }

        _fields.Add("flags", (ulong)message.Flags);
        _fields.Add("version", message.Version);
        _fields.Add("presupposes", message.Presupposes);
        _fields.Add("serverMillis", (ulong)message.ServerMillis);
        _fields.Add("removals", (long)message.RemovalCount);
        byte[] frame = new byte[TransformBatchWriter.MaxSize(message.RemovalCount, 0, body.Length / (1 + space.RecordSize), space)];
        var frameWriter = new TransformBatchWriter(
            frame, space, message.Flags, message.Version, message.Presupposes, message.ServerMillis, message.RemovalCount);
        long previous = -1;
        while (message.TryReadRemoval(out uint slot))
        {
            _fields.Add("slotDelta", slot - previous - 1);
            previous = slot;
            frameWriter.AddRemoval(slot);
        }

        _fields.Add("count", (long)message.Count);
        frameWriter.BeginEntries(message.Count);
        previous = -1;
        while (message.TryReadEntry(out TransformBatchEntry entry))
        {
            _fields.Add("slotDelta", entry.Slot - previous - 1);
            previous = entry.Slot;
            AddRecord(entry.Value, entry.Extension, space);
            if (entry.Value.HasExtension)
            {
                frameWriter.Add(entry.Slot, entry.Value, entry.Extension);
            }
            else
            {
                frameWriter.Add(entry.Slot, entry.Value);
            }
        }

        Status = message.Finish();
        writer.WriteRaw(frame.AsSpan(0, frameWriter.Finish()));
    }

    private void AddRecord(in PackedTransform value, in TransformExtension extension, RoomSpace space)
    {
        (uint x, uint y, uint z, uint rotation) = space.UnpackSteps(value);
        _fields.AddRecord(value.HasExtension, value.Age, x, y, z, rotation);
        if (!value.HasExtension)
        {
            return;
        }

        _fields.Add("flags", (ulong)extension.Flags);
        if ((extension.Flags & TransformFlags.Velocity) != 0)
        {
            _fields.Add("vx", (long)extension.VelocityX);
            _fields.Add("vy", (long)extension.VelocityY);
            _fields.Add("vz", (long)extension.VelocityZ);
        }

        if ((extension.Flags & TransformFlags.Scale) != 0)
        {
            _fields.Add("scale", extension.Scale);
        }
    }
}
