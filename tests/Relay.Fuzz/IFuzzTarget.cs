namespace Relay.Fuzz;

/// <summary>Something that takes any bytes at all and throws if the library gets them wrong.</summary>
internal interface IFuzzTarget
{
    /// <summary>The name of the target and of its directory under <c>corpus/</c>.</summary>
    string Name { get; }

    /// <summary>Gives the bytes to the library and to the oracle.</summary>
    /// <param name="input">Anything.</param>
    /// <exception cref="DisagreementException">The two do not agree.</exception>
    void Run(ReadOnlySpan<byte> input);

    /// <summary>Mends what mutation breaks most often, so that more inputs get past the first check.</summary>
    /// <param name="input">A mutated input; it may be changed in place.</param>
    void Repair(Span<byte> input)
    {
    }
}
