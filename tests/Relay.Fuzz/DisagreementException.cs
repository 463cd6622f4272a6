namespace Relay.Fuzz;

/// <summary>The library and the oracle read the same bytes differently.</summary>
public sealed class DisagreementException : Exception
{
    public DisagreementException()
    {
    }

    public DisagreementException(string message)
        : base(message)
    {
    }

    public DisagreementException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Throws unless the two are equal.</summary>
    internal static void ThrowUnlessEqual<T>(T library, T oracle, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(library, oracle))
        {
            throw new DisagreementException($"{what}: the library says {library}, the oracle {oracle}.");
        }
    }

    /// <summary>Throws unless both accepted and have the same fields, or both refused.</summary>
    internal static void ThrowUnlessSameFields(IReadOnlyList<string>? library, IReadOnlyList<string>? oracle, string what)
    {
        ThrowUnlessEqual(library is not null, oracle is not null, what + " accepted");
        if (library is not null && !library.SequenceEqual(oracle!, StringComparer.Ordinal))
        {
            throw new DisagreementException($"{what}: the library reads\n  {string.Join("\n  ", library)}\nthe oracle\n  {string.Join("\n  ", oracle!)}");
        }
    }
}
