using System.Collections.Concurrent;

namespace Relay.Host.Accounts;

/// <summary>
/// Which sessions have been ended and which accounts disabled, in memory, so that looking it up costs no query. Read at start, changed with
/// each change. For one process: instances that share a database do not tell each other yet.
/// </summary>
internal sealed class Revocations(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _disabled = new(StringComparer.Ordinal);
    private volatile bool _isLoaded;

    /// <summary>Something was revoked: who is connected by it must go. Called after the change is lasting.</summary>
    public Action<Revocation>? Revoked { get; set; }

    /// <summary>Whether it is known who may come in. Until then nobody does.</summary>
    public bool IsLoaded => _isLoaded;

    /// <summary>Sets what the database says at start.</summary>
    /// <param name="sessions">Sessions that were ended lately.</param>
    /// <param name="disabled">All disabled accounts.</param>
    public void Load(IEnumerable<string> sessions, IEnumerable<string> disabled)
    {
        foreach (string session in sessions)
        {
            _sessions[session] = time.GetUtcNow();
        }

        foreach (string account in disabled)
        {
            _disabled[account] = true;
        }

        _isLoaded = true;
    }

    /// <summary>Whether nothing of a session or account is to be believed any more.</summary>
    /// <param name="account">The account.</param>
    /// <param name="session">The session; null if there is none.</param>
    public bool IsRevoked(string account, string? session) =>
        _disabled.ContainsKey(account) || (session is not null && _sessions.ContainsKey(session));

    /// <summary>Sessions have been ended.</summary>
    /// <param name="sessions">Their ids.</param>
    public void SessionsEnded(IReadOnlyList<string> sessions)
    {
        foreach (string session in sessions)
        {
            _sessions[session] = time.GetUtcNow();
        }

        if (sessions.Count > 0)
        {
            Revoked?.Invoke(new Revocation(null, sessions.ToHashSet(StringComparer.Ordinal)));
        }
    }

    /// <summary>An account has been disabled.</summary>
    /// <param name="account">Its id.</param>
    public void AccountDisabled(string account)
    {
        _disabled[account] = true;
        Revoked?.Invoke(new Revocation(account, new HashSet<string>()));
    }

    /// <summary>An account has been enabled again.</summary>
    /// <param name="account">Its id.</param>
    public void AccountEnabled(string account) => _disabled.TryRemove(account, out _);

    /// <summary>Forgets sessions whose last access token has expired.</summary>
    /// <param name="before">Those ended before.</param>
    public void Forget(DateTimeOffset before)
    {
        foreach ((string session, DateTimeOffset at) in _sessions)
        {
            if (at < before)
            {
                _sessions.TryRemove(session, out _);
            }
        }
    }
}

/// <summary>What was revoked.</summary>
/// <param name="Account">An account with all that it has; null for sessions alone.</param>
/// <param name="Sessions">Sessions.</param>
internal sealed record Revocation(string? Account, IReadOnlySet<string> Sessions)
{
    /// <summary>Whether it is about somebody who is connected.</summary>
    /// <param name="account">The account.</param>
    /// <param name="session">The session; null if there is none.</param>
    public bool Covers(string? account, string? session) =>
        (Account is not null && Account == account) || (session is not null && Sessions.Contains(session));
}
