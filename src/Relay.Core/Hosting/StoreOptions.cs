namespace Relay.Core.Hosting;

/// <summary>How rooms are stored, if there is an <see cref="Rooms.Stores.IRoomStore"/>.</summary>
public sealed class StoreOptions
{
    /// <summary>How often places are stored that nobody waits for: of objects that moved, and of users who left. Default 5 s: that much is
    /// lost when the machine fails. Range 100 ms to 10 min.</summary>
    public TimeSpan SavePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a member waits for the answer to what it changed; then Error 4500 says that it is in the room and not stored yet.
    /// Default 5 s: longer than a database takes to change over. Range 100 ms to 5 min.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long what is stored of a room, or of a user in it, may take to be fetched. Default 5 s. Range 100 ms to 5 min. Beyond
    /// it: Error 4500, and the room is not opened.</summary>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most things of a room that may wait while the store fails: objects, attributes, places. Default 10,000: a few
    /// megabytes. Range 0 to 10,000,000. Beyond it: Error 4500, and nothing changes.</summary>
    public int MaxUnsaved { get; set; } = 10_000;

    /// <summary>How long the server may take to store what is left when it stops. Default 10 s. Range 0 to 10 min.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether people get into a room that cannot be fetched. Default false: they are refused with 4500. True: the room opens detached,
    /// without anything that is stored of it. People meet and move there, but nothing of it is stored, and whatever would have to be is
    /// refused with 4500, until the room has been empty and is opened anew: so nothing that is stored is ever overwritten by a room that
    /// did not know it.
    /// </summary>
    public bool OpenDetached { get; set; }

    internal IEnumerable<string> Validate()
    {
        TimeSpan tenth = TimeSpan.FromMilliseconds(100), minutes = TimeSpan.FromMinutes(5), long10 = TimeSpan.FromMinutes(10);
        foreach ((string name, TimeSpan value, TimeSpan min, TimeSpan max) in new[]
        {
            (nameof(SavePeriod), SavePeriod, tenth, long10),
            (nameof(AnswerTimeout), AnswerTimeout, tenth, minutes),
            (nameof(LoadTimeout), LoadTimeout, tenth, minutes),
            (nameof(DrainTimeout), DrainTimeout, TimeSpan.Zero, long10),
        })
        {
            if (value < min || value > max)
            {
                yield return $"Relay.Store.{name} must be {min} to {max}; it is {value}.";
            }
        }

        if (MaxUnsaved is < 0 or > 10_000_000)
        {
            yield return $"Relay.Store.MaxUnsaved must be 0 to 10000000; it is {MaxUnsaved}.";
        }
    }
}
