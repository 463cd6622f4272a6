using Relay.Core.Hosting;

namespace Relay.Host.Monitor;

/// <summary>Takes one sample a second for everybody who watches, and none while nobody does: a server that is not looked at pays
/// nothing.</summary>
internal sealed class Sampler(RelayServer server, TimeProvider time)
{
    /// <summary>How many rooms a sample tells one by one.</summary>
    private const int MostRooms = 100;

    private const int MostRecentCloses = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long it goes on after the last question.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private TaskCompletionSource<Sample> _next = NewNext();
    private Sample? _latest;
    private Moment? _before;
    private long _number;
    private long _asked;
    private bool _isRunning;

    /// <summary>The first sample with a number above another's: the present one, or the one to come.</summary>
    /// <param name="number">That number; 0 for any sample that is not older than a second.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended, or the server has ended.</exception>
    public Task<Sample> AfterAsync(long number, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _asked = time.GetTimestamp();
            if (_latest is { } latest && latest.Number > number)
            {
                return Task.FromResult(latest);
            }

            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(RunAsync, CancellationToken.None);
            }

            return _next.Task.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource<Sample> NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                Publish(await TakeAsync().ConfigureAwait(false));
                await timer.WaitForNextTickAsync().ConfigureAwait(false);
            }
            while (!TryStop());
        }
        catch (OperationCanceledException)
        {
            // The server has ended or does not answer: whoever waits is told, whoever asks again makes a new beginning.
            Stop().TrySetCanceled();
        }
#pragma warning disable CA1031 // What failed is for those who wait; the next question makes a new beginning.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Stop().TrySetException(e);
        }
    }

    private async Task<Sample> TakeAsync()
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        ServerReading reading = await server.Inspector.ReadAsync(MostRooms, timeout.Token).ConfigureAwait(false);
        var now = new Moment(reading, time.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        Moment? before = _before;
        _before = now;
        double seconds = before is null ? 0 : time.GetElapsedTime(before.Timestamp, now.Timestamp).TotalSeconds;
        return Compare(now, before, seconds);
    }

    private Sample Compare(Moment now, Moment? before, double seconds)
    {
        double per = seconds > 0 ? 1 / seconds : 0;
        ServerReading reading = now.Reading;
        ServerReading former = (before ?? now).Reading;
        Dictionary<ulong, RoomReading> formerRooms = before?.Rooms ?? [];
        var ticks = reading.Ticks.Since(before?.Reading.Ticks);
        return new Sample(
            ++_number,
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            seconds,
            new ServerFigures(
                reading.IsDraining,
                reading.Uptime.TotalSeconds,
                server.Road == RelayRoad.Direct ? "direct" : "pipe",
                reading.Connections,
                reading.Suspended,
                reading.Rooms,
                reading.Members,
                reading.SlowReceivers,
                reading.HeldBytes,
                reading.LateTicks,
                reading.Refusals),
            new ProcessFigures(
                (now.Processor - (before ?? now).Processor).TotalSeconds * 100 * per,
                Environment.ProcessorCount,
                Environment.WorkingSet,
                GC.GetTotalMemory(forceFullCollection: false),
                (now.Allocated - (before ?? now).Allocated) * per,
                GC.CollectionCount(0),
                GC.CollectionCount(1),
                GC.CollectionCount(2)),
            new Rates(
                (reading.FramesIn - former.FramesIn) * per,
                (reading.BytesIn - former.BytesIn) * per,
                (reading.Deliveries - former.Deliveries) * per,
                (reading.BytesOut - former.BytesOut) * per,
                (reading.Conflated - former.Conflated) * per,
                (reading.Refusals - former.Refusals) * per,
                (reading.Ticks.Count - former.Ticks.Count) * per),
            TickFigures.Of(ticks),
            [.. reading.LargestRooms.Select(room => RoomFigures.Of(room, formerRooms.GetValueOrDefault(room.Epoch), seconds))],
            [.. server.Inspector.CloseCounts().Select(CloseFigures.Of)],
            [.. server.Inspector.RecentCloses().Take(MostRecentCloses).Select(RecentClose.Of)]);
    }

    private void Publish(Sample sample)
    {
        TaskCompletionSource<Sample> done;
        lock (_gate)
        {
            _latest = sample;
            done = _next;
            _next = NewNext();
        }

        done.TrySetResult(sample);
    }

    private bool TryStop()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_asked) < Patience)
            {
                return false;
            }

            Stop();
            return true;
        }
    }

    /// <summary>Forgets everything: the next sample is a first one.</summary>
    /// <returns>What those who wait wait for.</returns>
    private TaskCompletionSource<Sample> Stop()
    {
        lock (_gate)
        {
            _isRunning = false;
            _latest = null;
            _before = null;
            TaskCompletionSource<Sample> waited = _next;
            _next = NewNext();
            return waited;
        }
    }

    /// <summary>What the next sample is compared with.</summary>
    private sealed record Moment(ServerReading Reading, long Timestamp, TimeSpan Processor, long Allocated)
    {
        /// <summary>By epoch, which is random: no two rooms have the same.</summary>
        public Dictionary<ulong, RoomReading> Rooms { get; } = Reading.LargestRooms.ToDictionary(room => room.Epoch);
    }
}
