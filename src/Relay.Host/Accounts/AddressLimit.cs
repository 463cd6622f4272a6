using System.Net;

namespace Relay.Host.Accounts;

/// <summary>A token bucket for each address. Bounded: when there are more addresses than it can keep, those that have come too late share
/// one.</summary>
/// <param name="perMinute">Tokens that come back in a minute, and the most that there are.</param>
/// <param name="time">The clock.</param>
internal sealed class AddressLimit(int perMinute, TimeProvider time)
{
    private const int MostAddresses = 4096;

    /// <summary>Who waits at one address: more are not served sooner by waiting.</summary>
    private const int MostWaiting = 4096;

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

    /// <summary>
    /// Begins something that takes a token only if it fails. As many run at a time as there are tokens, so that no more can fail; whoever
    /// comes then waits until it is known what became of one of them. Those who succeed pass, however many there are.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>To be disposed when it is done; null if there is no token left, or too many wait.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async ValueTask<Attempt?> BeginAsync(IPAddress? address, CancellationToken cancellationToken)
    {
        Bucket bucket;
        TaskCompletionSource<bool> turn;
        lock (_gate)
        {
            bucket = BucketOf(address);
            if (RestOf(bucket) > TimeSpan.Zero || bucket.Waiting.Count >= MostWaiting)
            {
                return null;
            }

            if (bucket.Tokens - bucket.Running >= 1)
            {
                bucket.Running++;
                return new Attempt(this, bucket);
            }

            turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            bucket.Waiting.Enqueue(turn);
        }

        using CancellationTokenRegistration gone = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        return await turn.Task.ConfigureAwait(false) ? new Attempt(this, bucket) : null;
    }

    /// <summary>Takes a token, if there is one.</summary>
    /// <param name="address">The address.</param>
    /// <returns>How long until there is one; zero if it was taken.</returns>
    public TimeSpan Take(IPAddress? address)
    {
        lock (_gate)
        {
            Bucket bucket = BucketOf(address);
            TimeSpan wait = RestOf(bucket);
            if (wait == TimeSpan.Zero)
            {
                bucket.Tokens--;
            }

            return wait;
        }
    }

    private void End(Bucket bucket, bool isFailure)
    {
        lock (_gate)
        {
            Fill(bucket);
            bucket.Running--;
            bucket.Tokens -= isFailure ? 1 : 0;
            while (bucket.Waiting.Count > 0 && (bucket.Tokens < 1 || bucket.Tokens - bucket.Running >= 1))
            {
                // Nobody waits at one that was given up.
                bool isTurn = bucket.Tokens >= 1;
                if (bucket.Waiting.Dequeue().TrySetResult(isTurn) && isTurn)
                {
                    bucket.Running++;
                }
            }
        }
    }

    private Bucket BucketOf(IPAddress? address)
    {
        IPAddress key = KeyOf(address);
        if (!_buckets.TryGetValue(key, out Bucket? bucket))
        {
            _buckets[key] = bucket = new Bucket(perMinute, time.GetTimestamp());
        }

        return bucket;
    }

    private IPAddress KeyOf(IPAddress? address)
    {
        IPAddress key = AddressNetwork.Of(address);
        if (_buckets.Count < MostAddresses || _buckets.ContainsKey(key))
        {
            return key;
        }

        // A full bucket says nothing that a new one would not.
        foreach ((IPAddress full, _) in _buckets
            .Where(entry => entry.Value.Running == 0 && Fill(entry.Value).Tokens >= perMinute).ToArray())
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

    /// <summary>Something that takes a token if it fails.</summary>
    public sealed class Attempt : IDisposable
    {
        private readonly AddressLimit _limit;
        private readonly Bucket _bucket;
        private bool _isFailure;
        private bool _isOver;

        internal Attempt(AddressLimit limit, Bucket bucket) => (_limit, _bucket) = (limit, bucket);

        /// <summary>It has failed.</summary>
        public void Fail() => _isFailure = true;

        /// <summary>It is over.</summary>
        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                _limit.End(_bucket, _isFailure);
            }
        }
    }

    internal sealed class Bucket(double tokens, long filled)
    {
        public double Tokens { get; set; } = tokens;

        public long Filled { get; set; } = filled;

        /// <summary>Attempts of which it is not known yet whether they fail; each has a token set aside.</summary>
        public int Running { get; set; }

        /// <summary>Attempts that wait for one to be set aside. Some run while any wait.</summary>
        public Queue<TaskCompletionSource<bool>> Waiting { get; } = [];
    }
}
