using System.Collections.Concurrent;
using Relay.Conformance.Tests.Echo;

namespace Relay.Conformance.Tests.Kit;

/// <summary>The servers, one for each road, and what came of the cases: each is tried once, whoever asks first.</summary>
public sealed class Board : IAsyncLifetime
{
    /// <summary>Names the collection of tests that share a board.</summary>
    public const string Name = "board";

    private readonly Dictionary<Road, EchoServer> _servers = [];
    private readonly ConcurrentDictionary<(Road, Profile, string), Lazy<Task<Verdict>>> _verdicts = new();

    public async Task InitializeAsync()
    {
        foreach (Road road in Roads.All.Keys)
        {
            _servers[road] = await EchoServer.StartAsync(road);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (EchoServer server in _servers.Values)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>What comes, or came, of a case.</summary>
    internal Task<Verdict> JudgeAsync(Road road, Profile profile, Case tried) =>
        _verdicts.GetOrAdd((road, profile, tried.Id), _ => new Lazy<Task<Verdict>>(() => PlayAsync(road, profile, tried))).Value;

    private async Task<Verdict> PlayAsync(Road road, Profile profile, Case tried)
    {
        try
        {
            await using Dialogue dialogue = await Dialogue.OpenAsync(_servers[road].Endpoint, EchoServer.PathOf(profile));
            await tried.Play(dialogue);
            return dialogue.NonStrict is { } reason ? new Verdict(Mark.NonStrict, reason) : Verdict.Ok;
        }
        catch (TimeoutException)
        {
            return new Verdict(Mark.Failed, "Waited in vain for the server.");
        }
        catch (Exception e)
        {
            return new Verdict(Mark.Failed, e.Message);
        }
    }
}

/// <summary>The tests that share a board; they run one after the other.</summary>
[CollectionDefinition(Board.Name)]
public sealed class BoardCollection : ICollectionFixture<Board>;
