using System.Net;
using Relay.Host.Accounts;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Accounts;

/// <summary>What one address may fail at: never more than that, however many come at once.</summary>
public sealed class AddressLimitTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1"), There = IPAddress.Parse("192.0.2.2");

    private readonly HandClock _clock = new();

    [Fact]
    public async Task Case34_failuresAtOnce_areNoMoreThanMayBe()
    {
        var limit = new AddressLimit(10, _clock);
        Task<AddressLimit.Attempt?>[] flood = [.. Enumerable.Range(0, 500).Select(_ => limit.BeginAsync(Here, CancellationToken.None).AsTask())];
        Assert.Equal(10, flood.Count(begun => begun.IsCompleted));
        Assert.Equal(TimeSpan.Zero, limit.WaitOf(Here));

        foreach (Task<AddressLimit.Attempt?> begun in flood[..10])
        {
            Fail(await begun);
        }

        Assert.All(await Task.WhenAll(flood[10..]), Assert.Null);
        Assert.Null(await limit.BeginAsync(Here, CancellationToken.None));
        Assert.Equal(TimeSpan.FromSeconds(6), limit.WaitOf(Here));
        Assert.NotNull(await limit.BeginAsync(There, CancellationToken.None));

        _clock.Advance(TimeSpan.FromSeconds(6));
        Fail(await limit.BeginAsync(Here, CancellationToken.None));
        Assert.Null(await limit.BeginAsync(Here, CancellationToken.None));
    }

    [Fact]
    public async Task Successes_takeNothing_andAllPass()
    {
        var limit = new AddressLimit(2, _clock);
        Task<AddressLimit.Attempt?>[] crowd = [.. Enumerable.Range(0, 100).Select(_ => limit.BeginAsync(Here, CancellationToken.None).AsTask())];
        foreach (Task<AddressLimit.Attempt?> begun in crowd)
        {
            AddressLimit.Attempt attempt = Assert.IsType<AddressLimit.Attempt>(await begun);
            attempt.Dispose();
            attempt.Dispose();
        }

        Fail(await limit.BeginAsync(Here, CancellationToken.None));
        Fail(await limit.BeginAsync(Here, CancellationToken.None));
        Assert.Null(await limit.BeginAsync(Here, CancellationToken.None));
    }

    [Fact]
    public async Task Waiting_canBeGivenUp_andTakesNobodysTurn()
    {
        var limit = new AddressLimit(1, _clock);
        AddressLimit.Attempt? first = await limit.BeginAsync(Here, CancellationToken.None);
        using var gone = new CancellationTokenSource();
        Task<AddressLimit.Attempt?> second = limit.BeginAsync(Here, gone.Token).AsTask(), third = limit.BeginAsync(Here, CancellationToken.None).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        first!.Dispose();
        Fail(await third);
        Assert.Null(await limit.BeginAsync(Here, CancellationToken.None));
    }

    private static void Fail(AddressLimit.Attempt? attempt)
    {
        Assert.NotNull(attempt);
        attempt.Fail();
        attempt.Dispose();
    }
}
