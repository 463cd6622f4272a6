namespace Relay.Host.Webhooks;

/// <summary>Webhooks, section <c>Relay:Webhooks</c>. Read once, at start.</summary>
internal sealed class WebhookOptions
{
    /// <summary>The most webhooks of a room, and of the server. Default 20. Range 0 to 1,000.</summary>
    public int MaxPerRoom { get; set; } = 20;

    /// <summary>The most deliveries that wait for one receiver; what comes then is dropped and counted. Default 1,000, half a kilobyte
    /// each. Range 1 to 1,000,000.</summary>
    public int MaxWaiting { get; set; } = 1000;

    /// <summary>How long a receiver may take, to connect and to answer. Default 5 s. Range 100 ms to 1 minute.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a delivery is tried before it is parked. Default 10: with the pauses, about a day. Range 1 to 50.</summary>
    public int MaxAttempts { get; set; } = 10;

    /// <summary>The pause after the first failure; each next one is four times as long, up to six hours, and random from its half on.
    /// Default 5 s. Range 10 ms to 1 hour.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a delivery that is done or parked can be looked at. Default 7 days. Range 1 minute to 365 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Whether receivers may be on this machine or in a private network, and without TLS. Default false: a URL that somebody gives
    /// must not reach what only the server can.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        foreach ((string name, double value, double least, double most) in new[]
        {
            (nameof(MaxPerRoom), MaxPerRoom, 0, 1000.0),
            (nameof(MaxWaiting), MaxWaiting, 1, 1_000_000),
            (nameof(MaxAttempts), MaxAttempts, 1, 50),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Webhooks:{name} must be {least} to {most}; it is {value}.";
            }
        }

        foreach ((string name, TimeSpan value, TimeSpan least, TimeSpan most) in new[]
        {
            (nameof(Timeout), Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            (nameof(FirstPause), FirstPause, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            (nameof(Retention), Retention, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Webhooks:{name} must be {least} to {most}; it is {value}.";
            }
        }
    }
}
