using System.Globalization;
using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>
/// Objects: made, changed, moved in the tree, removed, cloned, and contended for. Whatever is made has a name of its own, so that to make
/// it twice is impossible without being noticed.
/// </summary>
internal sealed class ObjectDeeds(Random random)
{
    /// <summary>Names that some objects wait for, and some get.</summary>
    private const int Hubs = 6;

    private readonly AttributeDeeds _attributes = new(random);
    private readonly Dictionary<Stay, HashSet<uint>> _taken = [];

    public void Create(StateClient client, long dueNanos, ObjectState[] own)
    {
        Deed deed = NewDeed(client, dueNanos, DeedKind.Make);
        int attributes = random.Next(4);
        bool byName = random.Next(6) == 0;
        bool isPlaced = random.Next(2) == 0;
        var create = new CreateObject
        {
            Sequence = deed.Number,
            Flags = (byName ? ObjectFlags.ParentByName : 0) | (isPlaced ? ObjectFlags.Placed : 0) |
                (random.Next(5) == 0 ? ObjectFlags.Persistent : 0) | (random.Next(10) == 0 ? ObjectFlags.Fixed : 0),
            Parent = byName ? 0 : SomeParent(client, own),
            ParentNameUtf8 = byName ? Utf8(HubName()) : default,
            TypeUtf8 = Utf8($"type{random.Next(5)}"),
            NameUtf8 = Utf8(random.Next(8) == 0 ? HubName() : OwnName(deed)),
        };
        Span<byte> frame = stackalloc byte[2048];
        var writer = new FrameWriter(frame);
        create.Begin(ref writer, attributes);
        _attributes.WriteInitial(ref writer, attributes, deed.Stamp);
        if (isPlaced && random.Next(2) == 0)
        {
            RoomSpace space = client.Stay!.Space!;
            TransformRecord.Write(ref writer, space, Districts.Anywhere(space, random), default);
        }

        writer.EndFrame(FrameType.CreateObject);
        client.Send(writer.WrittenSpan, deed);
    }

    public void Clone(StateClient client, long dueNanos, ObjectState original)
    {
        Deed deed = NewDeed(client, dueNanos, DeedKind.Make);
        Span<byte> frame = stackalloc byte[256];
        var writer = new FrameWriter(frame);
        new CloneObject { Sequence = deed.Number, Object = original.Id, Parent = 0, NameUtf8 = Utf8(OwnName(deed)) }.Write(ref writer);
        client.Send(writer.WrittenSpan, deed);
    }

    public void Remove(StateClient client, long dueNanos, ObjectState removed)
    {
        Deed deed = NewDeed(client, dueNanos, DeedKind.Remove, removed);
        Span<byte> frame = stackalloc byte[64];
        var writer = new FrameWriter(frame);
        new RemoveObject { Sequence = deed.Number, Object = removed.Id }.Write(ref writer);
        client.Send(writer.WrittenSpan, deed);
    }

    /// <summary>Another name, another type, another parent, fixed or not. Whether it is persistent stays.</summary>
    public void Update(StateClient client, long dueNanos, ObjectState changed)
    {
        Deed deed = NewDeed(client, dueNanos, DeedKind.Other);
        Span<byte> frame = stackalloc byte[256];
        var writer = new FrameWriter(frame);
        new UpdateObject
        {
            Sequence = deed.Number,
            Object = changed.Id,
            Fields = (ObjectFields)random.Next(1, 16),
            Parent = SomeParent(client, []),
            TypeUtf8 = Utf8($"type{random.Next(5)}"),
            NameUtf8 = Utf8(random.Next(4) switch { 0 => HubName(), 1 => string.Empty, _ => OwnName(deed) }),
            Flags = (changed.Flags & ObjectFlags.Persistent) | (random.Next(4) == 0 ? ObjectFlags.Fixed : 0),
        }.Write(ref writer);
        client.Send(writer.WrittenSpan, deed);
    }

    /// <summary>Takes what is somebody else's, or gives, releases, locks, unlocks.</summary>
    public void Claim(StateClient client, long dueNanos, ObjectState[] own)
    {
        Stay stay = client.Stay!;
        Dictionary<uint, ObjectState> objects = stay.Replica.Objects;
        if (objects.Count == 0)
        {
            return;
        }

        ObjectState mine = own.Length > 0 ? own[random.Next(own.Length)] : objects.Values.First();
        ObjectState any = Contended(objects);
        switch (random.Next(10))
        {
            // Once only: whoever has it already gets it without anybody being told.
            case < 4 when any.Owner != stay.Member && TakenBy(stay).Add(any.Id):
                Claim(client, dueNanos, any, ClaimAction.Take, any.Owner);
                break;

            // Only what may be inherited as well, so that what becomes of the others is clear.
            case 4 when mine.IsPersistent:
                Dictionary<uint, MemberState> members = stay.Replica.Members;
                Claim(client, dueNanos, mine, ClaimAction.Give, members.Keys.ElementAt(random.Next(members.Count)));
                break;
            case 5:
                Claim(client, dueNanos, mine, ClaimAction.Release, 0);
                break;
            case < 8:
                Claim(client, dueNanos, random.Next(2) == 0 ? mine : any, ClaimAction.Lock, (uint)random.Next(3) * 300);
                break;
            default:
                Claim(client, dueNanos, Array.Find(own, place => place.LockHolder == stay.Member) ?? any, ClaimAction.Unlock, 0);
                break;
        }
    }

    private void Claim(StateClient client, long dueNanos, ObjectState claimed, ClaimAction action, uint argument)
    {
        Deed deed = NewDeed(client, dueNanos, action == ClaimAction.Take ? DeedKind.Take : DeedKind.Other, claimed, argument);
        Span<byte> frame = stackalloc byte[64];
        var writer = new FrameWriter(frame);
        new Claim { Sequence = deed.Number, Object = claimed.Id, Action = action, Argument = argument }.Write(ref writer);
        client.Send(writer.WrittenSpan, deed);
    }

    private static Deed NewDeed(StateClient client, long dueNanos, DeedKind kind, ObjectState? about = null, uint member = 0) => new()
    {
        Kind = kind,
        Author = client.Stay!,
        Number = client.NextNumber,
        DueNanos = dueNanos,
        Object = about?.Id ?? 0,
        Member = member,
        IsPersistent = about?.IsPersistent ?? false,
    };

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string OwnName(Deed deed) => string.Create(CultureInfo.InvariantCulture, $"thing{deed.Stamp}");

    private string HubName() => string.Create(CultureInfo.InvariantCulture, $"hub{random.Next(Hubs)}");

    /// <summary>One of the few that many want at once: the newest.</summary>
    private ObjectState Contended(Dictionary<uint, ObjectState> objects) =>
        random.Next(2) == 0 ? objects.Values.MaxBy(place => place.Id)! : objects.Values.ElementAt(random.Next(objects.Count));

    private uint SomeParent(StateClient client, ObjectState[] own)
    {
        Dictionary<uint, ObjectState> objects = client.Stay!.Replica.Objects;
        return random.Next(4) switch
        {
            0 when own.Length > 0 => own[random.Next(own.Length)].Id,
            1 when objects.Count > 0 => objects.Keys.ElementAt(random.Next(objects.Count)),
            _ => 0,
        };
    }

    private HashSet<uint> TakenBy(Stay stay)
    {
        if (!_taken.TryGetValue(stay, out HashSet<uint>? taken))
        {
            _taken.Add(stay, taken = []);
        }

        return taken;
    }
}
