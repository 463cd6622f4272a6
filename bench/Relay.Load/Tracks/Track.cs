namespace Relay.Load.Tracks;

/// <summary>A recorded position.</summary>
/// <param name="Seconds">When, from the beginning of the recording.</param>
/// <param name="X">Metres.</param>
/// <param name="Y">Metres on the ground, across x.</param>
internal readonly record struct TrackPoint(double Seconds, double X, double Y);

/// <summary>One recorded person: positions by rising time, and straight lines between them.</summary>
internal sealed class Track
{
    private readonly TrackPoint[] _points;

    /// <summary>Makes a track.</summary>
    /// <param name="person">The recording's number for the person.</param>
    /// <param name="points">At least one, by rising time.</param>
    public Track(double person, TrackPoint[] points)
    {
        Person = person;
        _points = points;
    }

    public double Person { get; }

    public IReadOnlyList<TrackPoint> Points => _points;

    public double Begin => _points[0].Seconds;

    public double End => _points[^1].Seconds;

    /// <summary>Where the person is at a time; before the first and after the last position, there.</summary>
    public TrackPoint At(double seconds)
    {
        int next = IndexAfter(seconds);
        if (next == 0)
        {
            return _points[0] with { Seconds = seconds };
        }

        if (next == _points.Length)
        {
            return _points[^1] with { Seconds = seconds };
        }

        TrackPoint a = _points[next - 1], b = _points[next];
        double share = (seconds - a.Seconds) / (b.Seconds - a.Seconds);
        return new TrackPoint(seconds, a.X + ((b.X - a.X) * share), a.Y + ((b.Y - a.Y) * share));
    }

    /// <summary>Which way the person walks at a time, in radians from x towards y; 0 while standing.</summary>
    public double HeadingAt(double seconds)
    {
        TrackPoint a = At(seconds - 0.1), b = At(seconds + 0.1);
        return Math.Atan2(b.Y - a.Y, b.X - a.X);
    }

    /// <summary>Whether the person was somewhere within <paramref name="tolerance"/> of a place, on each axis, at some time between
    /// two.</summary>
    public bool Passes(double x, double y, double from, double to, double tolerance)
    {
        TrackPoint a = At(from);
        for (int i = IndexAfter(from); i < _points.Length && _points[i].Seconds < to; i++)
        {
            if (Touches(a, _points[i], x, y, tolerance))
            {
                return true;
            }

            a = _points[i];
        }

        return Touches(a, At(to), x, y, tolerance);
    }

    /// <summary>Clips the line to the square around the place, one axis after the other.</summary>
    private static bool Touches(in TrackPoint a, in TrackPoint b, double x, double y, double tolerance)
    {
        double low = 0, high = 1;
        return Clip(a.X - x, b.X - a.X, tolerance, ref low, ref high) && Clip(a.Y - y, b.Y - a.Y, tolerance, ref low, ref high);
    }

    private static bool Clip(double offset, double step, double tolerance, ref double low, ref double high)
    {
        if (step == 0)
        {
            return Math.Abs(offset) <= tolerance;
        }

        double first = (-tolerance - offset) / step, second = (tolerance - offset) / step;
        low = Math.Max(low, Math.Min(first, second));
        high = Math.Min(high, Math.Max(first, second));
        return low <= high;
    }

    private int IndexAfter(double seconds)
    {
        int low = 0, high = _points.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_points[middle].Seconds > seconds)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
