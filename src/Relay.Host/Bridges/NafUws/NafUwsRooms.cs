using System.Buffers;
using System.Text.Json;

namespace Relay.Host.Bridges.NafUws;

/// <summary>Who is where. Rooms of this endpoint only: members of the relay's own rooms are not in them.</summary>
/// <param name="occupancy">Pages in a room.</param>
/// <param name="time">The clock.</param>
internal sealed class NafUwsRooms(int occupancy, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, NafUwsRoom> _rooms = new(StringComparer.Ordinal);

    /// <summary>Puts a page into a room, or, if that is full, into the first of <c>NAME--2</c>, <c>NAME--3</c>, … that is not; takes it out
    /// of the one that it was in.</summary>
    public void Join(NafUwsConnection page, string name)
    {
        // Under the lock, so that all see the same comings and goings in the same order. Nothing here waits.
        lock (_gate)
        {
            Leave(page);
            NafUwsRoom room = FreeRoom(name);
            page.JoinedMillis = time.GetUtcNow().ToUnixTimeMilliseconds();
            page.Enqueue(Encode("connectSuccess", writer =>
            {
                writer.WriteNumber("joinedTime", page.JoinedMillis);
                writer.WriteString("socketId", page.Id);
            }));
            room.Pages = new Dictionary<string, NafUwsConnection>(room.Pages, StringComparer.Ordinal) { [page.Id] = page };
            page.Room = room;
            TellOccupants(room);
        }
    }

    /// <summary>Takes a page out of its room, if it is in one.</summary>
    public void Leave(NafUwsConnection page)
    {
        lock (_gate)
        {
            if (page.Room is not { } room)
            {
                return;
            }

            page.Room = null;
            var rest = new Dictionary<string, NafUwsConnection>(room.Pages, StringComparer.Ordinal);
            rest.Remove(page.Id);
            room.Pages = rest;
            if (rest.Count == 0)
            {
                _rooms.Remove(room.Name);
            }
            else
            {
                TellOccupants(room);
            }
        }
    }

    private NafUwsRoom FreeRoom(string name)
    {
        for (int instance = 1; ; instance++)
        {
            string candidate = instance == 1
                ? name
                : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}--{instance}");
            if (!_rooms.TryGetValue(candidate, out NafUwsRoom? room))
            {
                return _rooms[candidate] = new NafUwsRoom(candidate);
            }

            if (room.Pages.Count < occupancy)
            {
                return room;
            }
        }
    }

    private static void TellOccupants(NafUwsRoom room)
    {
        byte[] message = Encode("occupantsChanged", writer =>
        {
            writer.WriteStartObject("occupants");
            foreach (NafUwsConnection page in room.Pages.Values)
            {
                writer.WriteNumber(page.Id, page.JoinedMillis);
            }

            writer.WriteEndObject();
        });
        foreach (NafUwsConnection page in room.Pages.Values)
        {
            page.Enqueue(message);
        }
    }

    private static byte[] Encode(string name, Action<Utf8JsonWriter> writeData)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("event", name);
        writer.WriteStartObject("data");
        writeData(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>A room, or an instance of one.</summary>
/// <param name="name">Its whole name.</param>
internal sealed class NafUwsRoom(string name)
{
    private volatile Dictionary<string, NafUwsConnection> _pages = [];

    public string Name { get; } = name;

    /// <summary>Who is in it, by id. Replaced as a whole: whoever reads it needs no lock.</summary>
    public Dictionary<string, NafUwsConnection> Pages
    {
        get => _pages;
        set => _pages = value;
    }
}
