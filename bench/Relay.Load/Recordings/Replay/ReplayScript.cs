using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Replay;

/// <summary>What everybody in a recording does, in order: what a replay needs to know, all in the recording's own numbers.</summary>
internal sealed class ReplayScript
{
    private readonly List<Act> _moves = [];
    private readonly List<Act> _acts = [];
    private readonly Dictionary<AttributeName, List<ulong>> _versions = [];
    private readonly Dictionary<uint, uint> _objectOfSlot = [];
    private readonly HashSet<uint> _objects = [];
    private readonly HashSet<uint> _present = [];
    private Act? _making;

    /// <summary>Reads what everybody does.</summary>
    /// <exception cref="LoadException">Nobody is in the recording.</exception>
    public ReplayScript(RecordingFile file)
    {
        File = file;
        Cast = new Cast(file);
        foreach (CastMember member in Cast.Members.Where(member => member.IsThereAtStart))
        {
            _acts.Add(new Act(0, ActKind.Arrive, member.Id));
            _present.Add(member.Id);
        }

        AtStart = _acts.Count;
        foreach (RecordedFrame frame in file.Frames)
        {
            Read(frame);
        }

        if (!Cast.Members.Any())
        {
            throw new LoadException($"the recording of room '{file.Room}' holds no members", badArguments: true);
        }
    }

    public RecordingFile File { get; }

    public Cast Cast { get; }

    /// <summary>Moves of avatars: they need nothing but the avatar, and only the newest counts.</summary>
    public IReadOnlyList<Act> Moves => _moves;

    /// <summary>All the rest, whose order matters.</summary>
    public IReadOnlyList<Act> Acts => _acts;

    /// <summary>How many of <see cref="Acts"/> are the arrivals of those who are there at the start.</summary>
    public int AtStart { get; }

    /// <summary>Frames of the recording that are malformed.</summary>
    public int Malformed { get; private set; }

    /// <summary>Which change of an attribute made it what it was at a version.</summary>
    /// <returns>From 0; −1 for one from before the recording.</returns>
    public int ChangeOf(in AttributeName name, ulong version) =>
        _versions.TryGetValue(name, out List<ulong>? versions) ? versions.IndexOf(version) : -1;

    private void Read(in RecordedFrame frame)
    {
        ReadStatus status = (frame.Kind, frame.Type) switch
        {
            (RecordKind.In, FrameType.TransformUpdate) => ReadMoves(frame),
            (RecordKind.In, _) => ReadMessage(frame),
            (RecordKind.Out, FrameType.Presence) => ReadPresence(frame),
            (RecordKind.Out or RecordKind.Snapshot, FrameType.State) => ReadState(frame),
            _ => ReadStatus.Ok,
        };
        Malformed += status == ReadStatus.Ok ? 0 : 1;
    }

    private ReadStatus ReadMoves(in RecordedFrame frame)
    {
        ReadStatus status = TransformUpdate.TryRead(frame.Body.Span, File.Space, out TransformUpdate update);
        EnsurePresent(frame);
        while (status == ReadStatus.Ok && update.TryReadEntry(out TransformUpdateEntry entry))
        {
            bool isAvatar = Cast[frame.Member].Slot == entry.Slot;
            List<Act> list = isAvatar ? _moves : _acts;
            list.Add(new Act(frame.Micros, isAvatar ? ActKind.Move : ActKind.MoveObject, frame.Member)
            {
                Entry = entry,
                Object = isAvatar ? 0 : _objectOfSlot.GetValueOrDefault(entry.Slot),
            });
        }

        return status;
    }

    private ReadStatus ReadMessage(in RecordedFrame frame)
    {
        EnsurePresent(frame);
        var act = new Act(frame.Micros, ActKind.Send, frame.Member) { Type = frame.Type, Body = frame.Body };
        _acts.Add(act);
        if (frame.Type != FrameType.SendEvent)
        {
            // The room decides one message after the other, and tells what came of it before it looks at the next.
            _making = frame.Type is FrameType.CreateObject or FrameType.CloneObject ? act : null;
        }

        return ReadStatus.Ok;
    }

    private ReadStatus ReadPresence(in RecordedFrame frame)
    {
        ReadStatus status = Presence.TryRead(frame.Body.Span, out Presence presence);
        while (status == ReadStatus.Ok && presence.TryReadEntry(out PresenceEntry entry))
        {
            if (entry.Kind == PresenceKind.Present)
            {
                EnsurePresent(frame with { Member = entry.Member });
            }
            else if (entry.Kind == PresenceKind.Left && _present.Remove(entry.Member))
            {
                _acts.Add(new Act(frame.Micros, ActKind.Depart, entry.Member));
            }
        }

        return status;
    }

    private ReadStatus ReadState(in RecordedFrame frame)
    {
        ReadStatus status = State.TryRead(frame.Body.Span, out State state);
        while (status == ReadStatus.Ok && state.TryReadEntry(out StateEntry entry))
        {
            if (entry.Kind == StateKind.Object)
            {
                ReadObject(entry);
            }
            else if (frame.Kind == RecordKind.Out && entry.Kind is StateKind.Attribute or StateKind.AttributeMerged)
            {
                var name = new AttributeName(entry.Target, Encoding.UTF8.GetString(entry.KeyUtf8));
                if (!_versions.TryGetValue(name, out List<ulong>? versions))
                {
                    _versions.Add(name, versions = []);
                }

                // Told twice when somebody becomes a reader.
                if (versions.Count == 0 || versions[^1] < entry.Version)
                {
                    versions.Add(entry.Version);
                }
            }
        }

        return status;
    }

    private void ReadObject(in StateEntry entry)
    {
        if ((entry.ObjectFlags & ObjectFlags.Placed) != 0)
        {
            _objectOfSlot[entry.Slot] = entry.Object;
        }

        if (_objects.Add(entry.Object) && _making is { } making && entry.Creator == making.Member && IsMadeBy(making, entry))
        {
            making.Makes.Add(entry.Object);
        }
    }

    /// <summary>An object told for the first time need not be new: the recording may only begin after it was made.</summary>
    private static bool IsMadeBy(Act making, in StateEntry entry)
    {
        if (making.Makes.Count > 0)
        {
            return making.Type == FrameType.CloneObject && making.Makes.Contains(entry.Parent);
        }

        return making.Type == FrameType.CreateObject
            ? CreateObject.TryRead(making.Body.Span, out CreateObject create) == ReadStatus.Ok &&
                create.NameUtf8.SequenceEqual(entry.NameUtf8) && create.TypeUtf8.SequenceEqual(entry.TypeUtf8)
            : CloneObject.TryRead(making.Body.Span, out CloneObject clone) == ReadStatus.Ok &&
                clone.NameUtf8.SequenceEqual(entry.NameUtf8) && clone.Object != entry.Object;
    }

    private void EnsurePresent(in RecordedFrame frame)
    {
        if (_present.Add(frame.Member))
        {
            _acts.Add(new Act(frame.Micros, ActKind.Arrive, frame.Member));
        }
    }
}
