namespace Relay.Core.Tests.Kit;

/// <summary>For tests that count what the whole process has, such as its descriptors: they run when all others have ended, one after
/// the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
