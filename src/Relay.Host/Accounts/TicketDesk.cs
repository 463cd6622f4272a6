namespace Relay.Host.Accounts;

/// <summary>
/// Connect tickets: good once, for seconds, so that no bearer token ever stands in a URL. Kept in this process's memory, as hashes: a
/// restart forgets them, and a ticket of one instance is worth nothing at another.
/// </summary>
internal sealed class TicketDesk(Revocations revocations, AccountsOptions options, TimeProvider time)
{
    /// <summary>What a ticket begins with.</summary>
    public const string Prefix = "tk_";

    /// <summary>The most tickets of one account that wait to be used, so that nobody takes all there are.</summary>
    public const int MostOfOne = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ofAccount = new(StringComparer.Ordinal);
    private readonly Queue<(string Hash, DateTimeOffset Until)> _byAge = new();

    /// <summary>How many wait to be used.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _tickets.Count;
            }
        }
    }

    /// <summary>Issues a ticket.</summary>
    /// <param name="visitor">For whom.</param>
    /// <returns>The ticket; null when there are as many as may be.</returns>
    public string? Issue(Visitor visitor)
    {
        string secret = Secrets.NewSecret();
        string hash = Secrets.HashOf(secret);
        DateTimeOffset until = time.GetUtcNow() + options.TicketLifetime;
        lock (_gate)
        {
            RemoveExpired();
            int mine = _ofAccount.GetValueOrDefault(visitor.AccountId);
            if (_tickets.Count >= options.MaxTickets || mine >= MostOfOne)
            {
                return null;
            }

            _tickets[hash] = new Ticket(visitor, until);
            _ofAccount[visitor.AccountId] = mine + 1;
            _byAge.Enqueue((hash, until));
        }

        return Prefix + secret;
    }

    /// <summary>Takes a ticket.</summary>
    /// <param name="text">What was shown.</param>
    /// <returns>For whom it is; null if it is not good, any more or ever.</returns>
    public Visitor? Redeem(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length != Prefix.Length + Secrets.SecretLength)
        {
            return null;
        }

        string hash = Secrets.HashOf(text[Prefix.Length..]);
        lock (_gate)
        {
            RemoveExpired();
            Ticket? ticket = Remove(hash);
            return ticket is null || ticket.Until <= time.GetUtcNow() ||
                revocations.IsRevoked(ticket.Visitor.AccountId, ticket.Visitor.SessionId)
                ? null
                : ticket.Visitor;
        }
    }

    private void RemoveExpired()
    {
        DateTimeOffset now = time.GetUtcNow();
        while (_byAge.TryPeek(out (string Hash, DateTimeOffset Until) oldest) && oldest.Until <= now)
        {
            _byAge.Dequeue();
            Remove(oldest.Hash);
        }
    }

    private Ticket? Remove(string hash)
    {
        if (!_tickets.Remove(hash, out Ticket? ticket))
        {
            return null;
        }

        string account = ticket.Visitor.AccountId;
        if (--_ofAccount[account] == 0)
        {
            _ofAccount.Remove(account);
        }

        return ticket;
    }

    private sealed record Ticket(Visitor Visitor, DateTimeOffset Until);
}
