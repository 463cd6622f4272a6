namespace Relay.Load.RoomState;

/// <summary>Everything that members do, in turns that a seed decides: events, attributes, objects, claims.</summary>
internal sealed class MixedDeeds : Workload
{
    /// <summary>Objects that a member makes before it removes some.</summary>
    private const int Enough = 8;

    private const int TooMany = 14;

    private readonly Random _random;
    private readonly EventDeeds _events;
    private readonly AttributeDeeds _attributes;
    private readonly ObjectDeeds _objects;

    public MixedDeeds(int seed)
    {
        _random = new Random(seed);
        _events = new EventDeeds(_random);
        _attributes = new AttributeDeeds(_random);
        _objects = new ObjectDeeds(_random);
    }

    public override void Act(StateClient client, long dueNanos)
    {
        Stay stay = client.Stay!;
        ObjectState[] own = [.. stay.Replica.Objects.Values.Where(place => place.Owner == stay.Member)];
        MovePlaces(client, own);
        if (own.Length > TooMany)
        {
            _objects.Remove(client, dueNanos, Pick(own));
            return;
        }

        int chance = _random.Next(100);
        switch (chance)
        {
            case < 28:
                _events.Send(client, dueNanos);
                break;
            case < 68:
                _attributes.Write(client, dueNanos, own);
                break;
            case < 80:
                MakeOrRemove(client, dueNanos, own);
                break;
            case < 86 when own.Length > 0:
                _objects.Update(client, dueNanos, Pick(own));
                break;
            default:
                _objects.Claim(client, dueNanos, own);
                break;
        }
    }

    private static void MovePlaces(StateClient client, ObjectState[] own)
    {
        client.Move();
        if (Array.Find(own, place => place.IsPlaced) is { } moved)
        {
            client.Move(moved);
        }
    }

    private void MakeOrRemove(StateClient client, long dueNanos, ObjectState[] own)
    {
        if (own.Length >= Enough)
        {
            _objects.Remove(client, dueNanos, Pick(own));
        }
        else if (_random.Next(4) == 0 && Anything(client) is { } original)
        {
            _objects.Clone(client, dueNanos, original);
        }
        else
        {
            _objects.Create(client, dueNanos, own);
        }
    }

    private ObjectState? Anything(StateClient client)
    {
        Dictionary<uint, ObjectState> objects = client.Stay!.Replica.Objects;
        return objects.Count == 0 ? null : objects.Values.ElementAt(_random.Next(objects.Count));
    }

    private T Pick<T>(T[] some) => some[_random.Next(some.Length)];
}
