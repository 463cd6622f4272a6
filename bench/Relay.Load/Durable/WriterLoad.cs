namespace Relay.Load.Durable;

/// <summary>Who sets persistent attributes.</summary>
/// <param name="Rooms">In how many rooms.</param>
/// <param name="Clients">How many in each.</param>
/// <param name="Rate">Sets a second of each, at most; 0 for as many as are answered.</param>
internal sealed record WriterLoad(int Rooms, int Clients, double Rate)
{
    /// <summary>How many there are.</summary>
    public int Count => Rooms * Clients;
}
