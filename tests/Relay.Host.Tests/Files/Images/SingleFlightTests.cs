using Relay.Host.Files.Images;

namespace Relay.Host.Tests.Files.Images;

/// <summary>Work that several want at once.</summary>
public sealed class SingleFlightTests
{
    private readonly SingleFlight<string, int> _flight = new();
    private readonly TaskCompletionSource<int> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;

    [Fact]
    public async Task WhoGoesAway_leavesItToTheOthers_andTheLastOneEndsIt()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        Task<int> one = _flight.RunAsync("a", WorkAsync, first.Token), two = _flight.RunAsync("a", WorkAsync, second.Token);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.Equal(1, _flight.Count);
        Assert.False(two.IsCompleted);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        Assert.Equal(0, _flight.Count);

        // The next one begins it anew.
        Task<int> three = _flight.RunAsync("a", WorkAsync, default);
        _result.SetResult(7);
        Assert.Equal(7, await three);
        Assert.Equal(2, _begun);
    }

    [Fact]
    public async Task Others_areNotWaitedFor_andAFailureIsEverybodys_once()
    {
        Task<int> one = _flight.RunAsync("a", WorkAsync, default), two = _flight.RunAsync("a", WorkAsync, default);
        Assert.Equal(3, await _flight.RunAsync("b", _ => Task.FromResult(3), default));
        _result.SetException(new InvalidOperationException("no"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => one);
        await Assert.ThrowsAsync<InvalidOperationException>(() => two);
        Assert.Equal(4, await _flight.RunAsync("a", _ => Task.FromResult(4), default));
    }

    private async Task<int> WorkAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _begun);
        return await _result.Task.WaitAsync(cancellationToken);
    }
}
