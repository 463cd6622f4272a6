using Relay.Core.Rooms;

namespace Relay.Core.Hosting;

/// <summary>A server's figures at one moment. Counts are since it was made: the difference of two readings is what happened between
/// them. Shards are asked one by one, so figures of different rooms may lie a few milliseconds apart.</summary>
public sealed record ServerReading
{
    /// <summary>How long the server has been there.</summary>
    public required TimeSpan Uptime { get; init; }

    /// <summary>Whether it is going away.</summary>
    public required bool IsDraining { get; init; }

    /// <summary>Open connections, those included that have not said Hello.</summary>
    public required int Connections { get; init; }

    /// <summary>Sessions whose connection broke and whose client may come back.</summary>
    public required long Suspended { get; init; }

    /// <summary>Open rooms.</summary>
    public required int Rooms { get; init; }

    /// <summary>Members in them.</summary>
    public required int Members { get; init; }

    /// <summary>Members who have not taken what they were last sent.</summary>
    public required int SlowReceivers { get; init; }

    /// <summary>Bytes that wait in user space for receivers; known for the direct road only.</summary>
    public required long HeldBytes { get; init; }

    /// <summary>Frames received.</summary>
    public required long FramesIn { get; init; }

    /// <summary>Bytes received, with transport headers.</summary>
    public required long BytesIn { get; init; }

    /// <summary>Buffers handed to members' connections: a batch, some reliable messages, a part of a snapshot.</summary>
    public required long Deliveries { get; init; }

    /// <summary>Bytes of them, without transport headers.</summary>
    public required long BytesOut { get; init; }

    /// <summary>Times that a member was passed over because its last write had not gone.</summary>
    public required long Conflated { get; init; }

    /// <summary>Messages refused, told or not.</summary>
    public required long Refusals { get; init; }

    /// <summary>Ticks that came more than one interval late.</summary>
    public required long LateTicks { get; init; }

    /// <summary>How long ticks took, in all rooms.</summary>
    public required TickTimes Ticks { get; init; }

    /// <summary>The rooms with the most members, as many as were asked for, the largest first.</summary>
    public required IReadOnlyList<RoomReading> LargestRooms { get; init; }
}

/// <summary>A room's figures at one moment. Counts are since it was opened.</summary>
public sealed record RoomReading
{
    internal RoomReading(Room room, long now)
    {
        Name = room.Name;
        Epoch = room.Epoch;
        Age = TimeSpan.FromMicroseconds(now - room.Stats.Opened);
        TickInterval = TimeSpan.FromMicroseconds(room.TickMicros);
        Capacity = room.Options.Capacity;
        Members = room.Members.Count;
        foreach (Receiver receiver in room.Receivers)
        {
            bool isAway = receiver.Connection.IsAway;
            Away += isAway ? 1 : 0;
            SlowReceivers += !isAway && !receiver.Connection.Outlet.IsReady ? 1 : 0;
        }

        IsClosed = room.IsClosed;
        Objects = room.World.Objects.Count;
        Attributes = room.World.AttributeCount;
        StateBytes = room.World.StateBytes;
        Deliveries = room.Stats.TransmissionsOut;
        BytesOut = room.Stats.BytesOut;
        Conflated = room.Stats.Conflated;
        Refusals = room.Stats.Refusals;
        LateTicks = room.Stats.LateTicks;
        Ticks = room.Stats.Times.Copy();
    }

    /// <summary>Its name; of a room that spilled over, with the number of the instance.</summary>
    public string Name { get; }

    /// <summary>Names this life of the room. protocol-spec.md §6.2.</summary>
    public ulong Epoch { get; }

    /// <summary>How long it has been open.</summary>
    public TimeSpan Age { get; }

    /// <summary>The time between batches; zero for a room that sends at once.</summary>
    public TimeSpan TickInterval { get; }

    /// <summary>The most members that it takes.</summary>
    public int Capacity { get; }

    /// <summary>Members, those included whose connection broke and who may come back.</summary>
    public int Members { get; }

    /// <summary>Members whose connection broke and who may come back.</summary>
    public int Away { get; }

    /// <summary>Members who have not taken what they were last sent.</summary>
    public int SlowReceivers { get; }

    /// <summary>Whether it has been closed: nobody gets in.</summary>
    public bool IsClosed { get; }

    /// <summary>Objects in it.</summary>
    public int Objects { get; }

    /// <summary>Attributes in it: of the room, of objects, of members.</summary>
    public int Attributes { get; }

    /// <summary>Bytes of their keys and values.</summary>
    public long StateBytes { get; }

    /// <summary>Buffers handed to members' connections.</summary>
    public long Deliveries { get; }

    /// <summary>Bytes of them, without transport headers.</summary>
    public long BytesOut { get; }

    /// <summary>Times that a member was passed over because its last write had not gone.</summary>
    public long Conflated { get; }

    /// <summary>Refusals told to members.</summary>
    public long Refusals { get; }

    /// <summary>Ticks that came more than one interval late.</summary>
    public long LateTicks { get; }

    /// <summary>How long it took, each time, to tell the members what was new: batches of transforms, and reliable messages between
    /// them.</summary>
    public TickTimes Ticks { get; }
}
