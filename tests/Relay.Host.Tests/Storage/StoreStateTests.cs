using Relay.Host.Storage;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Storage;

/// <summary>What is logged of a database that fails.</summary>
public sealed class StoreStateTests
{
    private static readonly Fault Broken = new("connection", "no connection", true, true);

    private readonly HandClock _clock = new();
    private readonly ListLogger<StoreState> _log = new();

    [Fact]
    public void Failure_isToldOnce_thenEachMinute_andItsEnd()
    {
        var state = new StoreState(_log, _clock);
        state.Succeeded();
        for (int second = 0; second < 70; second++)
        {
            state.Failed(Broken);
            state.Failed(Broken);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.NotNull(state.Fault);
        state.Succeeded();
        state.Succeeded();
        Assert.Null(state.Fault);
        Assert.Equal(
            [
                "Storage: the database fails: no connection (1 operation(s) failed in 0 s).",
                "Storage: the database fails: no connection (121 operation(s) failed in 60 s).",
                "Storage: the database is back; 140 operation(s) failed in 70.0 s.",
            ],
            _log.Lines);
    }

    [Fact]
    public void Failure_thatComesAndGoes_isToldNowAndThen()
    {
        var state = new StoreState(_log, _clock);
        for (int i = 0; i < 200; i++)
        {
            state.Failed(Broken);
            state.Succeeded();
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(4, _log.Lines.Length);
    }
}
