namespace Relay.Client;

/// <summary>
/// How long to wait before the next attempt: a bound that grows, and a uniformly random part of it ("full jitter"), which spreads clients
/// best whose connections all broke at once.
/// </summary>
internal sealed class BackOff(ReconnectOptions options)
{
#pragma warning disable CA5394 // jitter is no secret
    private readonly Random _random = options.Random ?? new Random();
    private double _boundMillis;

    /// <summary>The delay before the next attempt.</summary>
    public TimeSpan Next()
    {
        double longest = options.LongestDelay.TotalMilliseconds;
        _boundMillis = Math.Min(longest, _boundMillis == 0 ? options.FirstDelay.TotalMilliseconds : _boundMillis * options.Factor);
        return TimeSpan.FromMilliseconds(_random.NextDouble() * _boundMillis);
    }

    /// <summary>The delay that the server asks for. One of more than a day would be a mistake, and more than timers take.</summary>
    public TimeSpan After(ServerGoodbye goodbye)
    {
        double millis = goodbye.RetryAfter.TotalMilliseconds + (_random.NextDouble() * goodbye.Jitter.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Min(millis, TimeSpan.FromDays(1).TotalMilliseconds));
    }
#pragma warning restore CA5394

    /// <summary>The last connection was good: begin anew.</summary>
    public void Reset() => _boundMillis = 0;
}
