namespace Relay.Load.RoomState;

/// <summary>Where everything stands must be the same to all, and each avatar where its member last said.</summary>
internal static class PlaceComparison
{
    /// <summary>Whether everybody has been told everything of late.</summary>
    public static bool IsSettled(IReadOnlyList<Stay> stays) =>
        stays.All(stay => stay.HasSnapshot && stay.Slots.Version == stays[0].Slots.Version &&
            (stay.Place is not { } place || stays.All(other => other.Slots[stay.Slot] == place)));

    /// <summary>Counts differences.</summary>
    public static void Check(RoomModel model, IReadOnlyList<Stay> stays, CheckCounts counts)
    {
        HashSet<uint> taken = [.. model.Room.Members.Values.Select(member => member.Slot)];
        taken.UnionWith(model.Room.Objects.Values.Where(place => place.IsPlaced).Select(place => place.Slot));
        Dictionary<uint, SlotValue> right = stays.Count > 0 ? stays[0].Slots.All().ToDictionary(one => one.Slot, one => one.Value) : [];
        foreach (Stay stay in stays)
        {
            if (stay.Place is { } place)
            {
                right[stay.Slot] = place;
            }
        }

        foreach (Stay stay in stays)
        {
            Dictionary<uint, SlotValue> believed = stay.Slots.All().ToDictionary(one => one.Slot, one => one.Value);
            foreach (uint slot in believed.Keys.Where(slot => !taken.Contains(slot)))
            {
                counts.Mismatch($"client {stay.Client} has a place for slot {slot}, which nobody holds");
            }

            foreach (uint slot in right.Keys.Union(believed.Keys))
            {
                if (right.ContainsKey(slot) != believed.ContainsKey(slot) ||
                    right.GetValueOrDefault(slot) != believed.GetValueOrDefault(slot))
                {
                    counts.Mismatch($"client {stay.Client} has another place for slot {slot}");
                }
            }
        }
    }
}
