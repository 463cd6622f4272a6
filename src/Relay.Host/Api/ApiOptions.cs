namespace Relay.Host.Api;

/// <summary>The REST interface, section <c>Relay:Api</c>. Read once, at start.</summary>
internal sealed class ApiOptions
{
    /// <summary>Whether only rooms may be entered that somebody has made over REST (or that something is stored of). Default false: a room
    /// comes to be when somebody enters it.</summary>
    public bool RoomsMustExist { get; set; }

    /// <summary>Rooms that one account may own; operators may own any number. Default 100. Range 0 to 1,000,000.</summary>
    public int MaxRoomsPerOwner { get; set; } = 100;

    /// <summary>The most bytes of a request's body. Default 1,048,576 (1 MiB): the largest value that an attribute may have. Range 4,096 to
    /// 16 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>How long what was decided about a room is believed by joins without asking the database; a change made over this server is
    /// known at once. Default 5 s: as long as another server may lag. Range 0 to 10 minutes.</summary>
    public TimeSpan DirectoryAge { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests a second that an account may make in the long run. Default 50. Range 1 to 100,000.</summary>
    public int RequestsPerSecond { get; set; } = 50;

    /// <summary>Requests that an account may make at once. Default 200: a page of objects, each changed. Range 1 to 100,000.</summary>
    public int RequestBurst { get; set; } = 200;

    /// <summary>The same for an address from which nobody is signed in. Default 10. Range 1 to 100,000.</summary>
    public int AnonymousRequestsPerSecond { get; set; } = 10;

    /// <summary>How long the answer to a request with an Idempotency-Key is kept. Default 24 h. Range 1 minute to 30 days.</summary>
    public TimeSpan IdempotencyLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The most invites of a room. Default 1,000. Range 1 to 100,000.</summary>
    public int MaxInvitesPerRoom { get; set; } = 1000;

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        foreach ((string name, int value, int least, int most) in new[]
        {
            (nameof(MaxRoomsPerOwner), MaxRoomsPerOwner, 0, 1_000_000),
            (nameof(MaxBodyBytes), MaxBodyBytes, 4096, 16 * 1024 * 1024),
            (nameof(RequestsPerSecond), RequestsPerSecond, 1, 100_000),
            (nameof(RequestBurst), RequestBurst, 1, 100_000),
            (nameof(AnonymousRequestsPerSecond), AnonymousRequestsPerSecond, 1, 100_000),
            (nameof(MaxInvitesPerRoom), MaxInvitesPerRoom, 1, 100_000),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Api:{name} must be {least} to {most}; it is {value}.";
            }
        }

        foreach ((string name, TimeSpan value, TimeSpan least, TimeSpan most) in new[]
        {
            (nameof(DirectoryAge), DirectoryAge, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            (nameof(IdempotencyLifetime), IdempotencyLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Api:{name} must be {least} to {most}; it is {value}.";
            }
        }
    }
}
