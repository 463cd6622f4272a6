namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>So many mails an hour to one address, told apart by its keyed hash. Bounded: when more addresses are asked for in an hour than
/// it can keep, further ones get no mail.</summary>
internal sealed class MailLimit(int perHour, TimeProvider time)
{
    private const int MostAddresses = 100_000;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Begun, int Count)> _windows = new(StringComparer.Ordinal);

    /// <summary>Takes one.</summary>
    /// <param name="subject">The hash of the address.</param>
    public bool TryTake(string subject)
    {
        lock (_gate)
        {
            if (!_windows.TryGetValue(subject, out (long Begun, int Count) window) || IsOver(window.Begun))
            {
                if (_windows.Count >= MostAddresses && !MakeRoom())
                {
                    return false;
                }

                window = (time.GetTimestamp(), 0);
            }

            _windows[subject] = (window.Begun, window.Count + 1);
            return window.Count < perHour;
        }
    }

    private bool MakeRoom()
    {
        foreach ((string over, _) in _windows.Where(entry => IsOver(entry.Value.Begun)).ToArray())
        {
            _windows.Remove(over);
        }

        return _windows.Count < MostAddresses;
    }

    private bool IsOver(long begun) => time.GetElapsedTime(begun) >= Window;
}
