using System.Net;
using System.Net.Sockets;

namespace Relay.Host.Monitor;

/// <summary>Counts wrong keys per address, so that nobody can try many. Bounded: when more addresses fail than it can keep, they are
/// counted together.</summary>
internal sealed class FailureLimit(TimeProvider time)
{
    /// <summary>Failures in a window after which an address is not listened to until its end.</summary>
    public const int Most = 10;

    private const int MostAddresses = 1_024;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Window> _windows = [];

    /// <summary>How long a window is.</summary>
    public static TimeSpan WindowLength { get; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an address is not listened to any more; zero if it is.</summary>
    public TimeSpan WaitOf(IPAddress? address)
    {
        lock (_gate)
        {
            return _windows.TryGetValue(KeyOf(address), out Window? window) && window.Failures >= Most ? Rest(window) : TimeSpan.Zero;
        }
    }

    /// <summary>Counts a failure.</summary>
    /// <returns>Whether it was the last that is listened to.</returns>
    public bool Add(IPAddress? address)
    {
        lock (_gate)
        {
            IPAddress key = KeyOf(address);
            if (!_windows.TryGetValue(key, out Window? window) || Rest(window) == TimeSpan.Zero)
            {
                _windows[key] = window = new Window(time.GetTimestamp());
            }

            return ++window.Failures == Most;
        }
    }

    /// <summary>What an address is counted as: a whole network of IPv6, of which anybody may have 2^64 addresses; and one for all where
    /// there is no more room.</summary>
    private IPAddress KeyOf(IPAddress? address)
    {
        IPAddress key = address is null ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (key.AddressFamily == AddressFamily.InterNetworkV6)
        {
            byte[] bytes = key.GetAddressBytes();
            bytes.AsSpan(8).Clear();
            key = new IPAddress(bytes);
        }

        if (_windows.Count >= MostAddresses && !_windows.ContainsKey(key))
        {
            foreach ((IPAddress over, _) in _windows.Where(entry => Rest(entry.Value) == TimeSpan.Zero).ToArray())
            {
                _windows.Remove(over);
            }

            return _windows.Count >= MostAddresses ? IPAddress.None : key;
        }

        return key;
    }

    private TimeSpan Rest(Window window)
    {
        TimeSpan rest = WindowLength - time.GetElapsedTime(window.Begun);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private sealed class Window(long begun)
    {
        public long Begun { get; } = begun;

        public int Failures { get; set; }
    }
}
