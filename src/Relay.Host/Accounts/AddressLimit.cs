using System.Net;

namespace Relay.Host.Accounts;

/// <summary>A token bucket for each address. Bounded: when there are more addresses than it can keep, those that have come too late share
/// one.</summary>
/// <param name="perMinute">Tokens that come back in a minute, and the most that there are.</param>
/// <param name="time">The clock.</param>
internal sealed class AddressLimit(int perMinute, TimeProvider time)
{
    private const int MostAddresses = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Bucket> _buckets = [];

    /// <summary>How long until an address has a token; zero if it has.</summary>
    /// <param name="address">The address.</param>
    public TimeSpan WaitOf(IPAddress? address)
    {
        lock (_gate)
        {
            return _buckets.TryGetValue(KeyOf(address), out Bucket? bucket) ? RestOf(bucket) : TimeSpan.Zero;
        }
    }

    /// <summary>Takes a token. A failure that is counted takes one whether there is one or not.</summary>
    /// <param name="address">The address.</param>
    /// <returns>How long until there is one; zero if it was taken.</returns>
    public TimeSpan Take(IPAddress? address)
    {
        lock (_gate)
        {
            IPAddress key = KeyOf(address);
            if (!_buckets.TryGetValue(key, out Bucket? bucket))
            {
                _buckets[key] = bucket = new Bucket(perMinute, time.GetTimestamp());
            }

            TimeSpan wait = RestOf(bucket);
            if (wait == TimeSpan.Zero)
            {
                bucket.Tokens--;
            }

            return wait;
        }
    }

    private IPAddress KeyOf(IPAddress? address)
    {
        IPAddress key = AddressNetwork.Of(address);
        if (_buckets.Count < MostAddresses || _buckets.ContainsKey(key))
        {
            return key;
        }

        // A full bucket says nothing that a new one would not.
        foreach ((IPAddress full, _) in _buckets.Where(entry => Fill(entry.Value).Tokens >= perMinute).ToArray())
        {
            _buckets.Remove(full);
        }

        return _buckets.Count < MostAddresses ? key : IPAddress.None;
    }

    private TimeSpan RestOf(Bucket bucket) =>
        Fill(bucket).Tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromMinutes((1 - bucket.Tokens) / perMinute);

    private Bucket Fill(Bucket bucket)
    {
        long now = time.GetTimestamp();
        bucket.Tokens = Math.Min(perMinute, bucket.Tokens + (time.GetElapsedTime(bucket.Filled, now).TotalMinutes * perMinute));
        bucket.Filled = now;
        return bucket;
    }

    private sealed class Bucket(double tokens, long filled)
    {
        public double Tokens { get; set; } = tokens;

        public long Filled { get; set; } = filled;
    }
}
