namespace Relay.Host.Files.Images;

/// <summary>Tells the log of variants that could not be made, now and then: whoever sends pictures that break things writes no more lines
/// than one in ten seconds.</summary>
/// <param name="log">The log.</param>
/// <param name="time">The clock.</param>
internal sealed class FailureLog(ILogger log, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long? _last;
    private int _untold;

    /// <summary>One could not be made.</summary>
    /// <param name="original">Of what.</param>
    /// <param name="name">Which.</param>
    /// <param name="outcome">Why.</param>
    /// <param name="said">What the program said.</param>
    public void Tell(ImageSource original, VariantName name, VariantOutcome outcome, string said)
    {
        int untold;
        lock (_gate)
        {
            if (_last is { } last && time.GetElapsedTime(last) < Pause)
            {
                _untold++;
                return;
            }

            (_last, untold, _untold) = (time.GetTimestamp(), _untold, 0);
        }

        string what = $"{original.MediaType} of {original.Width} x {original.Height} x {original.Frames}";
        log.NotMade(name, what, outcome.Status, outcome.Reason, RunVerdict.Line(said), untold);
    }
}
