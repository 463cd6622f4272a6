namespace Relay.Host.Storage.Rooms;

/// <summary>Writes a batch the way that its database does so fastest: in one transaction.</summary>
internal interface IRoomWriter
{
    /// <summary>Writes.</summary>
    /// <param name="batch">What.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="cancellationToken">The time is up.</param>
    /// <exception cref="StoreUnavailableException">It could not be done within the bounds.</exception>
    Task WriteAsync(RoomBatch batch, long now, CancellationToken cancellationToken);
}
