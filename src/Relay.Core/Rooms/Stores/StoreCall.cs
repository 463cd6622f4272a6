using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Rooms.Stores;

/// <summary>Calls a store of moderation: off the shards, within its time, and whatever it throws is an answer.</summary>
internal static class StoreCall
{
    /// <summary>Calls it.</summary>
    /// <param name="settings">How long it may take, and who is told of what it throws.</param>
    /// <param name="call">The call.</param>
    /// <returns>What the call says, or that it could not be stored (4500).</returns>
    public static async Task<Fault> InTimeAsync(ShardSettings settings, Func<CancellationToken, Task<Fault>> call)
    {
        using var timeout = new CancellationTokenSource(settings.StoreTimeout, settings.Time);
        try
        {
            // A store that blocks the thread which calls it must not outlast the time-out either.
            return await Task.Run(() => call(timeout.Token), CancellationToken.None).WaitAsync(timeout.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever the embedder's store throws concerns the asker alone.
        catch (Exception e)
#pragma warning restore CA1031
        {
            settings.StoreFailed?.Invoke(e);
            return new Fault(
                CloseCode.StoreUnavailable, "It could not be stored: nothing has changed.", settings.StoreTimeout.TotalMilliseconds);
        }
    }
}
