namespace Relay.Conformance.Tests.Kit;

/// <summary>How a peer did in a case.</summary>
public enum Mark
{
    /// <summary>As the RFC wants it.</summary>
    Ok,

    /// <summary>The RFC allows it and would rather have it otherwise.</summary>
    NonStrict,

    /// <summary>Against the RFC.</summary>
    Failed,
}

/// <summary>What came of a case.</summary>
/// <param name="Mark">How the peer did.</param>
/// <param name="Reason">Why it is no better.</param>
internal sealed record Verdict(Mark Mark, string Reason)
{
    public static Verdict Ok { get; } = new(Mark.Ok, "");

    /// <summary>The mark as reports spell it.</summary>
    public static string Spell(Mark mark) => mark switch
    {
        Mark.Ok => "OK",
        Mark.NonStrict => "NON-STRICT",
        _ => "FAILED",
    };
}

/// <summary>The peer did something that no reading of the RFC allows.</summary>
internal sealed class FailedException(string message) : Exception(message);
