using System.Text;
using Relay.Core.Hosting;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Client.Tests.Kit;

/// <summary>A real server and clients of it that are in its room "plaza", each under its own name, as a user of that name, and in the role
/// that it asked for.</summary>
internal sealed class Company : IAsyncDisposable
{
    private readonly List<Traveller> _all = [];
    private readonly Wire _wire;

    private Company(RealServer server, Wire wire) => (Server, _wire) = (server, wire);

    public RealServer Server { get; }

    public static async Task<Company> GatherAsync(Wire wire, Action<RelayOptions>? configure = null) =>
        new(await RealServer.StartAsync(configure, new Doorman()), wire);

    /// <summary>A client that is in the room and knows it.</summary>
    public async Task<Traveller> AddAsync(string name, string role = "member", Func<int, ProxyPlan>? plan = null)
    {
        Traveller one = await ConnectAsync(name, plan);
        await one.Client.JoinAsync("plaza", Encoding.UTF8.GetBytes(role)).InTimeAsync("the room");
        await one.UntilAsync(me => me.View.IsWhole, "the snapshot");
        return one;
    }

    /// <summary>A client that is in no room yet.</summary>
    public async Task<Traveller> ConnectAsync(string name, Func<int, ProxyPlan>? plan = null)
    {
        var one = new Traveller(Server, _wire, plan, options => options.Credentials = Encoding.UTF8.GetBytes(name));
        _all.Add(one);
        await one.ConnectAsync().InTimeAsync("Welcome");
        return one;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Traveller one in _all)
        {
            await one.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    private sealed class Doorman : IRelayAuthorizer
    {
        public ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken)
        {
            string name = Encoding.UTF8.GetString(attempt.Credentials.Span);
            return new(ConnectDecision.Allow(name, userId: name));
        }

        public ValueTask<JoinDecision> AuthorizeJoinAsync(JoinAttempt attempt, CancellationToken cancellationToken) =>
            new(JoinDecision.Allow(role: Encoding.UTF8.GetString(attempt.Ticket.Span)));
    }
}

/// <summary>What clients know, in lines that can be compared.</summary>
internal static class Knowledge
{
    /// <summary>Everything that a client knows of the room's members, objects and attributes, but places.</summary>
    public static string Of(Traveller one) => string.Join(
        '\n',
        one.View.Snapshot().Select(member => $"{member with { Transform = null }}")
            .Concat(one.View.State.Objects().Select(known => $"{known}"))
            .Concat(one.View.State.Attributes().Select(known =>
                $"{known.Target} {known.Key} {known.Version} {known.Author} {known.Terms} {Convert.ToHexString(known.Value.Span)}"))
            .Order(StringComparer.Ordinal));

    /// <summary>Waits until two clients know the same: the last news may come to either first.</summary>
    public static Task AgreesAsync(this Traveller one, Traveller other) =>
        Patience.UntilAsync(() => Of(one) == Of(other), "the same knowledge");

    /// <summary>Waits until an object is as it is to be.</summary>
    public static Task UntilObjectAsync(this Traveller one, uint id, Func<RoomObject, bool> isSo, string what) =>
        one.UntilAsync(me => me.View.State.TryGetObject(id, out RoomObject known) && isSo(known), what);

    /// <summary>Waits until an attribute has a value.</summary>
    public static Task UntilValueAsync(this Traveller one, AttributeTarget target, string key, PackedValue value) => one.UntilAsync(
        me => me.View.State.TryGetAttribute(target, key, out RoomAttribute known) && known.Value.Span.SequenceEqual(value.Bytes.Span),
        $"{key} of {target}");

    /// <summary>Checks that a call is refused.</summary>
    public static async Task RefusedAsync(this Task call, CloseCode code, double limit, double value)
    {
        RelayException refused = await Assert.ThrowsAsync<RelayException>(() => call.InTimeAsync("the refusal"));
        Assert.Equal((code, limit, value), (refused.Code, refused.Limit, refused.Value));
        Assert.NotNull(refused.RefusedType);
    }
}
