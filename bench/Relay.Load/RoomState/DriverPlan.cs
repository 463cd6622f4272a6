namespace Relay.Load.RoomState;

/// <summary>How often what happens.</summary>
/// <param name="Rate">Deeds a second of each client.</param>
/// <param name="Disconnects">Connections a second that are cut.</param>
/// <param name="Leaves">Clients a second that leave their room, to come again.</param>
/// <param name="Seed">Decides who and when.</param>
internal sealed record DriverPlan(double Rate, double Disconnects, double Leaves, int Seed);
