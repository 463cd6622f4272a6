namespace Relay.Host.Files.Serving;

/// <summary>
/// When to say that there is no such file. Whether there is none, or one that the asker may not see, takes different look-ups: the rooms of
/// a file are asked for, and what is not there has none. Who measures the times of many answers would see that, however alike the answers
/// are. So they are all given at a multiple of <see cref="Step"/> after the request came, by a timer that was started before anything was
/// looked up. Answers with a file are not held up.
/// </summary>
internal sealed class EvenPace(TimeProvider time) : IDisposable
{
    private readonly PeriodicTimer _timer = new(Step, time);
    private readonly long _start = time.GetTimestamp();

    /// <summary>Longer than the look-ups take, a few milliseconds on a database that is well; shorter than anybody minds.</summary>
    public static TimeSpan Step { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for the next step.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_start) >= Step)
        {
            // The timer keeps a step that is past for whoever asks first.
            await _timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }

        await _timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _timer.Dispose();
}
