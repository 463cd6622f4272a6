namespace Relay.Conformance.Tests.Kit;

/// <summary>One thing to try on a peer.</summary>
/// <param name="Id">Its number; those up to section 10 are numbered as in the Autobahn TestSuite, so that results can be compared.</param>
/// <param name="What">What is tried and what should come of it, in a line.</param>
/// <param name="Play">Tries it on a fresh connection. Comes back if the peer did well, throws <see cref="FailedException"/> if
/// not.</param>
internal sealed record Case(string Id, string What, Func<Dialogue, Task> Play)
{
    /// <summary>The section that it belongs to: what stands before the first dot.</summary>
    public string Section => Id[..Id.IndexOf('.', StringComparison.Ordinal)];
}
