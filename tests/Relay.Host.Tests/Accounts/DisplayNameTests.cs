using Relay.Host.Accounts;

namespace Relay.Host.Tests.Accounts;

/// <summary>Names that others see.</summary>
public sealed class DisplayNameTests
{
    [Theory]
    [InlineData("  Anna ", "Anna")]
    [InlineData("\U0001F600", "\U0001F600")]
    [InlineData("", null)]
    [InlineData("a\nb", null)]
    [InlineData("a\u061Cb", null)]
    [InlineData("a\u202Eb", null)]
    [InlineData("a\u2066b", null)]
    public void Check_takesWholeCharactersThatTurnNothing(string name, string? expected) => Assert.Equal(expected, DisplayName.Check(name));

    // Not in a row of the table: an attribute's text is UTF-8, which has no halves.
    [Fact]
    public void Check_takesNoHalfACharacter() => Assert.Null(DisplayName.Check("\uD83D"));

    [Fact]
    public void From_cutsBetweenCharacters()
    {
        string full = new('x', Account.MaxName - 1);
        Assert.Equal(full + "y", DisplayName.From(full + "yz", "identifier"));
        Assert.Equal(full, DisplayName.From(full + "\U0001F600", "identifier"));
        Assert.Equal("guest-identi", DisplayName.From("\0", "identifier"));
    }
}
