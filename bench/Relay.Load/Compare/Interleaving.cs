namespace Relay.Load.Compare;

/// <summary>
/// In which order variants run. Machines drift, so each round holds every variant once; and what runs later in a round sees more of the
/// drift, so every second round goes backwards: A B, B A, A B, …
/// </summary>
internal static class Interleaving
{
    /// <summary>Tells it.</summary>
    /// <param name="variants">How many.</param>
    /// <param name="rounds">How often each runs.</param>
    public static IEnumerable<(int Round, int Variant)> Order(int variants, int rounds) =>
        from round in Enumerable.Range(0, rounds)
        from place in Enumerable.Range(0, variants)
        select (round, round % 2 == 0 ? place : variants - 1 - place);
}
