using Relay.Protocol;

namespace Relay.Core.Transport.Ingress;

/// <summary>When each of the codes that a flood can cause was last told to the client.</summary>
internal sealed class ErrorThrottle
{
    private const int Kinds = 5;

    private readonly long[] _last = new long[Kinds];

    /// <summary>Whether this code may be told now.</summary>
    public bool Allows(CloseCode code, long now, long interval)
    {
        ref long last = ref _last[code switch
        {
            CloseCode.RateLimited => 0,
            CloseCode.NotOwner => 1,
            CloseCode.OutOfBounds => 2,
            CloseCode.BadValue => 3,
            _ => 4,
        }];
        if (last != 0 && now - last < interval)
        {
            return false;
        }

        last = now;
        return true;
    }
}
