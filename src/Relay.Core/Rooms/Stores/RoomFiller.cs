using System.Text;
using Relay.Core.Rooms.World;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms.Stores;

/// <summary>Puts what is stored of a room into one that is new and that nobody knows yet. Any thread.</summary>
internal static class RoomFiller
{
    /// <summary>Fills a room. Its first message is as good as told: what was loaded has version 1, and what changes then a higher
    /// one.</summary>
    public static void Fill(Room room, StoredRoom stored)
    {
        RoomWorld world = room.World;
        room.Slots.Raise(room.Options.Capacity + Math.Max(room.Options.MaxObjects, stored.Objects.Count));
        room.Ring.SkipFirst();
        foreach (StoredObject kept in stored.Objects)
        {
            RoomObject made = world.PutBack(kept);
            made.MoveTo(world.Find(kept.Parent));
            if (kept.Name.Length > 0 && world.Find(kept.Name) is null)
            {
                world.Rename(made, Encoding.UTF8.GetBytes(kept.Name));
            }

            if (made.Parent is null && kept.AwaitedParent.Length > 0)
            {
                world.Await(made, kept.AwaitedParent);
            }

            if (made.Slot >= 0 && kept.Place is { } place &&
                room.Space.TryPack(place.Transform, out PackedTransform packed) == PackStatus.Ok)
            {
                room.Slots.Set(made.Slot, packed, ExtensionOf(place), room.NextTick);
            }
        }

        world.LastId = Math.Max(world.LastId, stored.LastObject);
        foreach (StoredValue value in stored.Attributes)
        {
            AttributeTarget target = value.Name.Object == 0 ? AttributeTarget.OfRoom() : AttributeTarget.OfObject(value.Name.Object);
            if (value.Name.User.Length == 0 && world.Has(target))
            {
                var attribute = new StoredAttribute(target, Encoding.UTF8.GetBytes(value.Name.Key))
                {
                    Terms = value.Terms,
                    Version = room.Ring.Head,
                };
                attribute.SetValue(value.Value.Span);
                world.AttributesOf(target, make: true)!.Add(attribute);
                world.Count(attribute);
            }
        }

        room.Slots.Advance();
    }

    /// <summary>What a place says beyond where.</summary>
    public static TransformExtension ExtensionOf(StoredPlace place) =>
        place.Scale is { } scale ? new TransformExtension { Flags = TransformFlags.Scale, Scale = scale } : default;
}
