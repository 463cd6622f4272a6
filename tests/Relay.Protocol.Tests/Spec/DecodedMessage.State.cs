using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Tests;

/// <content>The messages of room state, §11.</content>
internal sealed partial class DecodedMessage
{
    private void ReadCreateObject(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = CreateObject.TryRead(body, out CreateObject message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("flags", (ulong)message.Flags);
        if ((message.Flags & ObjectFlags.ParentByName) != 0)
        {
            _fields.Add("parentName", message.ParentNameUtf8);
        }
        else
        {
            _fields.Add("parent", (ulong)message.Parent);
        }

        _fields.Add("type", message.TypeUtf8);
        _fields.Add("name", message.NameUtf8);
        _fields.Add("attributes", (long)message.AttributeCount);
        message.Begin(ref writer, message.AttributeCount);
        while (Status == ReadStatus.Ok && message.TryReadAttribute(out InitialAttribute attribute))
        {
            Add(attribute.Terms);
            _fields.Add("key", attribute.KeyUtf8);
            _fields.Add("value", attribute.Value);
            attribute.Write(ref writer);
        }

        if ((message.Flags & ObjectFlags.Placed) != 0)
        {
            _fields.Add("place", message.Place);
        }

        writer.WriteRaw(message.Place);
        writer.EndFrame(FrameType.CreateObject);
    }

    private void ReadUpdateObject(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = UpdateObject.TryRead(body, out UpdateObject message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("object", (ulong)message.Object);
        _fields.Add("fields", (ulong)message.Fields);
        if ((message.Fields & ObjectFields.Parent) != 0)
        {
            _fields.Add("parent", (ulong)message.Parent);
        }

        if ((message.Fields & ObjectFields.Type) != 0)
        {
            _fields.Add("type", message.TypeUtf8);
        }

        if ((message.Fields & ObjectFields.Name) != 0)
        {
            _fields.Add("name", message.NameUtf8);
        }

        if ((message.Fields & ObjectFields.Flags) != 0)
        {
            _fields.Add("flags", (ulong)message.Flags);
        }

        message.Write(ref writer);
    }

    private void ReadRemoveObject(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = RemoveObject.TryRead(body, out RemoveObject message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("object", (ulong)message.Object);
        message.Write(ref writer);
    }

    private void ReadCloneObject(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = CloneObject.TryRead(body, out CloneObject message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("object", (ulong)message.Object);
        _fields.Add("parent", (ulong)message.Parent);
        _fields.Add("name", message.NameUtf8);
        message.Write(ref writer);
    }

    private void ReadClaim(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Claim.TryRead(body, out Claim message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("object", (ulong)message.Object);
        _fields.Add("action", (ulong)message.Action);
        _fields.Add("argument", (ulong)message.Argument);
        message.Write(ref writer);
    }

    private void ReadSetAttribute(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = SetAttribute.TryRead(body, out SetAttribute message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("operation", (ulong)message.Operation | (message.Expected is null ? 0UL : 4) | (message.Terms is null ? 0UL : 8));
        Add(message.Target);
        if (message.Expected is { } expected)
        {
            _fields.Add("expected", expected);
        }

        if (message.Terms is { } terms)
        {
            Add(terms);
        }

        _fields.Add("key", message.KeyUtf8);
        if (message.Operation is AttributeOperation.Merge or AttributeOperation.RemovePath)
        {
            _fields.Add("path", message.Path);
        }

        if (message.Operation is AttributeOperation.Set or AttributeOperation.Merge)
        {
            _fields.Add("value", message.Value);
        }

        message.Write(ref writer);
    }

    private void ReadManage(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Manage.TryRead(body, out Manage message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("action", (ulong)message.Action);
        _fields.Add("member", (ulong)message.Member);
        _fields.Add("argument", (ulong)message.Argument);
        _fields.Add("text", message.TextUtf8);
        message.Write(ref writer);
    }

    private void ReadDone(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = Done.TryRead(body, out Done message);
        _fields.Add("sequence", message.Sequence);
        _fields.Add("value", message.Value);
        message.Write(ref writer);
    }

    private void ReadState(ReadOnlySpan<byte> body, ref FrameWriter writer)
    {
        Status = State.TryRead(body, out State message);
        _fields.Add("flags", (ulong)message.Flags);
        _fields.Add("sequence", message.Sequence);
        if (message.Flags != PresenceFlags.None)
        {
            _fields.AddHex("epoch", message.Epoch, 16);
            _fields.Add("version", message.Version);
            bool isLast = (message.Flags & PresenceFlags.Last) != 0;
            State.BeginSnapshotPart(ref writer, isLast, message.Epoch, message.Sequence, message.Version, message.Count);
        }
        else
        {
            State.BeginChange(ref writer, message.Sequence, message.Count);
        }

        _fields.Add("count", (long)message.Count);
        while (Status == ReadStatus.Ok && message.TryReadEntry(out StateEntry entry))
        {
            Add(entry);
            entry.Write(ref writer);
        }

        writer.EndFrame(FrameType.State);
    }

    private void Add(in StateEntry entry)
    {
        _fields.Add("kind", (ulong)entry.Kind);
        switch (entry.Kind)
        {
            case StateKind.Object:
                AddObject(entry);
                break;
            case StateKind.ObjectRemoved:
                _fields.Add("object", (ulong)entry.Object);
                break;
            default:
                AddAttribute(entry);
                break;
        }
    }

    private void AddObject(in StateEntry entry)
    {
        _fields.Add("object", (ulong)entry.Object);
        _fields.Add("flags", (ulong)entry.ObjectFlags);
        _fields.Add("parent", (ulong)entry.Parent);
        _fields.Add("owner", (ulong)entry.Owner);
        _fields.Add("creator", (ulong)entry.Creator);
        if ((entry.ObjectFlags & ObjectFlags.Locked) != 0)
        {
            _fields.Add("lockHolder", (ulong)entry.LockHolder);
        }

        if ((entry.ObjectFlags & ObjectFlags.Placed) != 0)
        {
            _fields.Add("slot", (ulong)entry.Slot);
            _fields.Add("generation", (ulong)entry.Generation);
        }

        _fields.Add("type", entry.TypeUtf8);
        _fields.Add("name", entry.NameUtf8);
        if ((entry.ObjectFlags & ObjectFlags.ParentByName) != 0)
        {
            _fields.Add("awaitedParent", entry.AwaitedParentUtf8);
        }
    }

    private void AddAttribute(in StateEntry entry)
    {
        Add(entry.Target);
        _fields.Add("key", entry.KeyUtf8);
        if (entry.Kind == StateKind.AttributeRemoved)
        {
            return;
        }

        if (entry.Kind == StateKind.Attribute)
        {
            Add(entry.Terms);
        }

        _fields.Add("version", entry.Version);
        _fields.Add("author", (ulong)entry.Author);
        if (entry.Kind == StateKind.AttributeMerged)
        {
            _fields.Add("path", entry.Path);
        }

        _fields.Add("value", entry.Value);
    }

    private void Add(AttributeTarget target)
    {
        _fields.Add("target", (ulong)target.Kind);
        if (target.Kind is TargetKind.Object or TargetKind.ObjectMember)
        {
            _fields.Add("object", (ulong)target.Object);
        }

        if (target.Kind is TargetKind.Member or TargetKind.ObjectMember)
        {
            _fields.Add("member", (ulong)target.Member);
        }
    }

    private void Add(AttributeTerms terms)
    {
        _fields.Add("terms", (ulong)terms.Flags);
        Add("readers", terms.Readers);
        Add("writers", terms.Writers);
    }

    private void Add(string field, Access access)
    {
        _fields.Add(field, (ulong)access.Kind);
        if (access.Kind is AccessKind.Member or AccessKind.Roles)
        {
            _fields.Add("argument", (ulong)access.Argument);
        }
    }

    private void AddRoles(ReadOnlySpan<byte> encoded)
    {
        var roles = new RoleList(encoded);
        _fields.Add("roles", (long)roles.Count);
        while (roles.TryRead(out RoomPermissions permissions, out ReadOnlySpan<byte> name))
        {
            _fields.Add("permissions", (ulong)permissions);
            _fields.Add("name", name);
        }
    }
}
