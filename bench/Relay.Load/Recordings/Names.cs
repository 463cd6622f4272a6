using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;

namespace Relay.Load.Recordings;

/// <summary>Everybody that a recording knows of, and their names where presence tells them.</summary>
internal sealed class Names
{
    private readonly Dictionary<uint, string> _names = [];
    private readonly HashSet<uint> _members = [];

    public Names(RecordingFile file)
    {
        foreach (RecordedFrame frame in file.Frames)
        {
            if (frame.Kind == RecordKind.In)
            {
                _members.Add(frame.Member);
            }
            else if (frame.Type == FrameType.Presence && Presence.TryRead(frame.Body.Span, out Presence presence) == ReadStatus.Ok)
            {
                Add(ref presence);
            }
        }
    }

    /// <summary>How many members.</summary>
    public int Count => _members.Count;

    /// <summary>A member's name, or <c>null</c>.</summary>
    public string? Of(uint member) => _names.GetValueOrDefault(member);

    private void Add(ref Presence presence)
    {
        while (presence.TryReadEntry(out PresenceEntry entry))
        {
            _members.Add(entry.Member);
            if (entry.Kind == PresenceKind.Present)
            {
                _names[entry.Member] = Encoding.UTF8.GetString(entry.NameUtf8);
            }
        }
    }
}
