using System.Text;
using Relay.Load.Recordings;
using Relay.Protocol.Frames;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tests.Recordings;

/// <summary>The room that a recording's snapshot shows, in lines without any numbers of the server's: two rooms in which the same happened
/// have the same picture.</summary>
internal sealed class RoomPicture
{
    private readonly Dictionary<uint, string> _members = new() { [0] = "nobody" };
    private readonly Dictionary<uint, string> _objects = new() { [0] = "root" };
    private readonly Dictionary<uint, string> _slots = [];
    private readonly SortedSet<string> _lines = new(StringComparer.Ordinal);

    private RoomPicture()
    {
    }

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Where everything is, in metres.</summary>
    public SortedDictionary<string, Transform> Places { get; } = new(StringComparer.Ordinal);

    /// <summary>How many events of each kind the room told.</summary>
    public SortedDictionary<uint, int> Events { get; } = [];

    public static RoomPicture Of(RecordingFile file)
    {
        var picture = new RoomPicture();
        foreach (RecordedFrame frame in file.Frames)
        {
            ReadOnlySpan<byte> body = frame.Body.Span;
            switch (frame.Kind, frame.Type)
            {
                case (RecordKind.Out, FrameType.Event) when RoomEvent.TryRead(body, out RoomEvent told) == ReadStatus.Ok:
                    picture.Events[told.Kind] = picture.Events.GetValueOrDefault(told.Kind) + 1;
                    break;
                case (RecordKind.Snapshot, FrameType.Presence) when Presence.TryRead(body, out Presence presence) == ReadStatus.Ok:
                    picture.Add(ref presence);
                    break;
                case (RecordKind.Snapshot, FrameType.State) when State.TryRead(body, out State state) == ReadStatus.Ok:
                    picture.Add(ref state);
                    break;
                case (RecordKind.Snapshot, FrameType.TransformBatch)
                    when TransformBatch.TryRead(body, file.Space, out TransformBatch batch) == ReadStatus.Ok:
                    picture.Add(ref batch, file.Space);
                    break;
            }
        }

        return picture;
    }

    private void Add(ref Presence presence)
    {
        while (presence.TryReadEntry(out PresenceEntry entry))
        {
            string name = _members[entry.Member] = Encoding.UTF8.GetString(entry.NameUtf8);
            _slots[entry.Slot] = name;
            _lines.Add($"member {name} role {entry.Role}");
        }
    }

    private void Add(ref State state)
    {
        while (state.TryReadEntry(out StateEntry entry))
        {
            if (entry.Kind == StateKind.Object)
            {
                string type = Encoding.UTF8.GetString(entry.TypeUtf8), name = Encoding.UTF8.GetString(entry.NameUtf8);
                string path = $"{_objects[entry.Parent]}/{type} '{name}'";
                _objects[entry.Object] = path;
                string creator = _members.GetValueOrDefault(entry.Creator, "gone");
                _lines.Add($"{path} {entry.ObjectFlags} owner {_members[entry.Owner]} creator {creator}");
                if ((entry.ObjectFlags & ObjectFlags.Placed) != 0)
                {
                    _slots[entry.Slot] = path;
                }
            }
            else
            {
                string target = $"{entry.Target.Kind} {_objects[entry.Target.Object]} {_members[entry.Target.Member]}";
                _lines.Add($"{target} {Encoding.UTF8.GetString(entry.KeyUtf8)} = {MessagePackText.Format(entry.Value)} {entry.Terms}");
            }
        }
    }

    private void Add(ref TransformBatch batch, RoomSpace space)
    {
        while (batch.TryReadEntry(out TransformBatchEntry entry))
        {
            Places[_slots[entry.Slot]] = space.Unpack(entry.Value);
        }
    }
}
