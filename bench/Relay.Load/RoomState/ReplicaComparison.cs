namespace Relay.Load.RoomState;

/// <summary>Holds what a client believes against what the room is like.</summary>
internal static class ReplicaComparison
{
    /// <summary>Counts differences.</summary>
    /// <param name="model">What the room is like.</param>
    /// <param name="member">Whose sight counts.</param>
    /// <param name="replica">What that member believes.</param>
    /// <param name="first">The first difference in words.</param>
    public static long Count(RoomModel model, uint member, Replica replica, out string first)
    {
        var found = new Differences();
        Count(model.Room.Members, replica.Members, found, _ => true, (a, b) => a == b);
        Count(model.Room.Objects, replica.Objects, found, _ => true, (a, b) => a == b);
        Count(model.Room.Attributes, replica.Attributes, found, attribute => model.Sees(member, attribute), (a, b) => a.Matches(b));
        first = found.First;
        return found.Number;
    }

    private static void Count<TKey, T>(
        Dictionary<TKey, T> model, Dictionary<TKey, T> replica, Differences found, Func<T, bool> sees, Func<T, T, bool> same)
        where TKey : notnull
        where T : class
    {
        foreach ((TKey key, T right) in model)
        {
            T? held = replica.GetValueOrDefault(key);
            bool isToBeThere = sees(right);
            if (isToBeThere != held is not null || (isToBeThere && !same(right, held!)))
            {
                found.Add($"is {(isToBeThere ? right : "nothing")}, believed {held?.ToString() ?? "nothing"}");
            }
        }

        foreach ((TKey key, T held) in replica)
        {
            if (!model.ContainsKey(key))
            {
                found.Add($"is nothing, believed {held}");
            }
        }
    }

    private sealed class Differences
    {
        public long Number { get; private set; }

        public string First { get; private set; } = string.Empty;

        public void Add(string words)
        {
            First = Number++ == 0 ? words : First;
        }
    }
}
