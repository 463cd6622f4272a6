using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Rooms.Stores;

/// <summary>Fetches something from the store of rooms: off the shards, within its time.</summary>
internal static class LoadCall
{
    /// <summary>Fetches it.</summary>
    /// <param name="settings">How long it may take, and who is told of what it throws.</param>
    /// <param name="call">The call.</param>
    /// <returns>None, or that the store is not there (4500).</returns>
    public static async Task<Fault> InTimeAsync(ShardSettings settings, Func<CancellationToken, Task> call)
    {
        using var timeout = new CancellationTokenSource(settings.LoadTimeout, settings.Time);
        try
        {
            await Task.Run(() => call(timeout.Token), CancellationToken.None).WaitAsync(timeout.Token).ConfigureAwait(false);
            return Fault.None;
        }
#pragma warning disable CA1031 // Whatever the embedder's store throws concerns those alone who want to enter.
        catch (Exception e)
#pragma warning restore CA1031
        {
            settings.LoadFailed?.Invoke(e);
            return new Fault(
                CloseCode.StoreUnavailable, "What is stored of the room cannot be fetched (milliseconds).",
                settings.LoadTimeout.TotalMilliseconds);
        }
    }
}
