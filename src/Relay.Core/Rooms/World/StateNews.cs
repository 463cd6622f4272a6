using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms.World;

/// <summary>Tells a room's members what changed among its objects and attributes. What is for everybody is gathered into one message;
/// what is for some goes out by itself. protocol-spec.md §11.8.</summary>
internal sealed class StateNews
{
    /// <summary>Entries gather up to so many bytes, then go.</summary>
    private const int MaxGathered = 32 * 1024;

    private readonly Room _room;
    private readonly StateEntries _gathered = new();

    public StateNews(Room room) => _room = room;

    /// <summary>The sequence of the message that an entry told now will be in: the version of an attribute that it sets.</summary>
    public ulong NextVersion => _room.Ring.Head + 1;

    /// <summary>Adds an entry for everybody to the message that is being gathered.</summary>
    /// <param name="entry">What to tell.</param>
    /// <param name="maxSize">The most bytes that it takes.</param>
    public void Tell(scoped in StateEntry entry, int maxSize)
    {
        _gathered.Add(entry, maxSize);
        if (_gathered.Length > MaxGathered)
        {
            Publish();
        }
    }

    public void Tell(RoomObject changed) => Tell(EntryFor(changed), StateEntry.MaxObjectSize);

    /// <summary>Sends what has been gathered.</summary>
    public void Publish()
    {
        if (_gathered.Count > 0)
        {
            SharedBuffer frame = Begin(_gathered.Length, _gathered.Count, out FrameWriter writer);
            writer.WriteRaw(_gathered.Written);
            End(frame, ref writer, Audience.Everyone, default);
            _gathered.Clear();
        }
    }

    /// <summary>Sends one entry to some members, after what has been gathered.</summary>
    /// <param name="entry">What to tell.</param>
    /// <param name="maxSize">The most bytes that it takes.</param>
    /// <param name="members">To whom.</param>
    public void TellSome(scoped in StateEntry entry, int maxSize, uint[] members)
    {
        Publish();
        SharedBuffer frame = Begin(maxSize, 1, out FrameWriter writer);
        entry.Write(ref writer);
        End(frame, ref writer, Audience.Some, new AudienceMembers(0, members));
    }

    /// <summary>An object as it is told.</summary>
    public static StateEntry EntryFor(RoomObject told)
    {
        ObjectFlags flags = told.Flags;
        flags |= told.LockHolder != 0 ? ObjectFlags.Locked : 0;
        flags |= told.AwaitedParent is not null ? ObjectFlags.ParentByName : 0;
        return new StateEntry
        {
            Kind = StateKind.Object,
            Object = told.Id,
            ObjectFlags = flags,
            Parent = told.Parent?.Id ?? 0,
            Owner = told.Owner,
            Creator = told.Creator,
            LockHolder = told.LockHolder,
            Slot = (uint)Math.Max(0, told.Slot),
            Generation = told.Generation,
            TypeUtf8 = told.Type,
            NameUtf8 = told.Name,
            AwaitedParentUtf8 = told.AwaitedParent is { } awaited ? System.Text.Encoding.UTF8.GetBytes(awaited) : default,
        };
    }

    private SharedBuffer Begin(int size, int count, out FrameWriter writer)
    {
        SharedBuffer frame = _room.Pool.Rent(FrameHeader.Size + 1 + 10 + 5 + size);
        writer = new FrameWriter(frame.Writable);
        State.BeginChange(ref writer, NextVersion, count);
        return frame;
    }

    private void End(SharedBuffer frame, ref FrameWriter writer, Audience audience, AudienceMembers members)
    {
        writer.EndFrame(FrameType.State);
        frame.Seal(writer.Written);
        _room.Publish(frame, audience, members);
    }
}
