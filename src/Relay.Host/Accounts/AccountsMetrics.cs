using System.Diagnostics.Metrics;

namespace Relay.Host.Accounts;

/// <summary>Who comes in, in numbers: meter <c>Relay.Accounts</c>.</summary>
internal sealed class AccountsMetrics
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _sessions;
    private readonly Counter<long> _tickets;

    /// <summary>Makes the meter.</summary>
    /// <param name="meters">Makes meters.</param>
    public AccountsMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create("Relay.Accounts");
        _refused = meter.CreateCounter<long>("relay.auth.refusals", "{refusal}", "Bearers that were refused, by reason.");
        _sessions = meter.CreateCounter<long>("relay.auth.sessions", "{session}", "Sessions, by what happened to them.");
        _tickets = meter.CreateCounter<long>("relay.auth.tickets", "{ticket}", "Connect tickets, by what happened to them.");
    }

    /// <summary>A bearer was refused.</summary>
    /// <param name="reason">Why: a <see cref="Jwt.JwtVerdict"/>, or a word.</param>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A session began, was refreshed or ended.</summary>
    /// <param name="what">Which.</param>
    /// <param name="count">How many.</param>
    public void Session(string what, int count = 1) => _sessions.Add(count, new KeyValuePair<string, object?>("what", what));

    /// <summary>A ticket was issued, redeemed or refused.</summary>
    /// <param name="what">Which.</param>
    public void Ticket(string what) => _tickets.Add(1, new KeyValuePair<string, object?>("what", what));
}
