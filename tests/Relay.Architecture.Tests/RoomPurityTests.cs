namespace Relay.Architecture.Tests;

/// <summary>A room is a state machine on bytes and time: it names no type of Kestrel, HTTP, sockets, pipes or service containers.</summary>
public sealed class RoomPurityTests
{
    private const string Rooms = "Relay.Core.Rooms";
    private const string Violators = "Relay.Architecture.Tests.Violators";

    private static readonly string[] Banned =
    [
        "Microsoft.AspNetCore",
        "Microsoft.Extensions.DependencyInjection",
        "System.IO.Pipelines",
        "System.Net.Http",
        "System.Net.Sockets",
        "System.Net.WebSockets",
    ];

    [Fact]
    public void Rooms_name_no_transport_type()
    {
        foreach (var assembly in Repository.AssembliesOf("Relay.Core"))
            Assert.Empty(BannedUses(assembly, Rooms));
    }

    [Theory]
    [InlineData("NamesInAttribute", "Microsoft.AspNetCore.Authorization.AuthorizeAttribute")]
    [InlineData("NamesInBase", "Microsoft.Extensions.DependencyInjection.ServiceCollection")]
    [InlineData("NamesInBody", "System.Net.Sockets.Socket")]
    [InlineData("NamesInCatch", "System.Net.Sockets.SocketException")]
    [InlineData("NamesInClosure", "System.IO.Pipelines.Pipe")]
    [InlineData("NamesInConstraint`1", "System.IO.Pipelines.IDuplexPipe")]
    [InlineData("NamesInField", "System.Net.Sockets.Socket")]
    [InlineData("NamesInGenericArgument", "System.IO.Pipelines.PipeReader")]
    [InlineData("NamesInInterface", "System.IO.Pipelines.IDuplexPipe")]
    [InlineData("NamesInIterator", "System.Net.Sockets.Socket")]
    [InlineData("NamesInLocal", "Microsoft.AspNetCore.Http.HttpContext")]
    [InlineData("NamesInNestedType", "System.Net.WebSockets.WebSocket")]
    [InlineData("NamesInSignature", "Microsoft.AspNetCore.Connections.ConnectionContext")]
    [InlineData("NamesInTypeOf", "System.Net.Http.HttpClient")]
    public void The_check_reports_a_type_that_does(string type, string named) =>
        Assert.Contains(($"{Violators}.{type}", named), BannedUses(ThisAssembly, Violators));

    [Fact]
    public void The_check_passes_a_type_that_does_not()
    {
        var users = BannedUses(ThisAssembly, Violators).Select(use => use.User);

        Assert.DoesNotContain($"{Violators}.NamesNothing", users);
    }

    [Fact]
    public void The_check_looks_below_a_namespace_but_not_beside_it()
    {
        Assert.True(TypeNames.IsWithin("Relay.Core.Rooms", Rooms));
        Assert.True(TypeNames.IsWithin("Relay.Core.Rooms.Encoding", Rooms));
        Assert.False(TypeNames.IsWithin("Relay.Core.RoomsOfAnotherKind", Rooms));
    }

    private static string ThisAssembly => typeof(RoomPurityTests).Assembly.Location;

    private static (string User, string Named)[] BannedUses(string assembly, string root)
    {
        using var names = new TypeNames(assembly);
        return [.. names.NamedWithin(root).Where(use => Banned.Any(banned => TypeNames.IsWithin(use.Named, banned)))];
    }
}
