using System.Globalization;

namespace Relay.Load.Tracks;

/// <summary>A recording of people: one position a line, <c>frame person x y</c>, separated by tabs or spaces; 25 frames a second,
/// metres.</summary>
internal sealed class TrackFile
{
    /// <summary>Frames a second of the recordings.</summary>
    public const double FramesPerSecond = 25;

    private static readonly char[] Separators = ['\t', ' '];

    private TrackFile(Track[] people) => People = people;

    /// <summary>Everybody, by when they first appear.</summary>
    public IReadOnlyList<Track> People { get; }

    /// <summary>Positions in all.</summary>
    public int Positions => People.Sum(person => person.Points.Count);

    /// <summary>Reads a file.</summary>
    /// <exception cref="LoadException">It is missing or wrong; the message names the line.</exception>
    public static TrackFile Read(string path)
    {
        try
        {
            return Parse(path, File.ReadLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"--tracks: cannot read '{path}': {e.Message}", badArguments: true);
        }
    }

    /// <summary>Reads lines.</summary>
    /// <param name="name">Where they are from, for messages.</param>
    /// <param name="lines">The lines; empty ones are skipped.</param>
    /// <exception cref="LoadException">A line is wrong, or there is none.</exception>
    public static TrackFile Parse(string name, IEnumerable<string> lines)
    {
        var people = new Dictionary<double, List<TrackPoint>>();
        double firstFrame = double.MaxValue;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            double[] fields = ReadFields(name, number, line);
            firstFrame = Math.Min(firstFrame, fields[0]);
            if (!people.TryGetValue(fields[1], out List<TrackPoint>? points))
            {
                people.Add(fields[1], points = []);
            }

            points.Add(new TrackPoint(fields[0], fields[2], fields[3]));
        }

        if (people.Count == 0)
        {
            throw new LoadException($"--tracks: '{name}' holds no positions", badArguments: true);
        }

        return new TrackFile([.. people.Select(person => ToTrack(name, person.Key, person.Value, firstFrame)).OrderBy(track => track.Begin).ThenBy(track => track.Person)]);
    }

    /// <summary>The same people, moved so that the middle of where they walk is somewhere else.</summary>
    /// <param name="x">Metres.</param>
    /// <param name="y">Metres.</param>
    public TrackFile CenteredAt(double x, double y)
    {
        (double minX, double minY, double maxX, double maxY) = Bounds();
        double dx = x - ((minX + maxX) / 2), dy = y - ((minY + maxY) / 2);
        return new TrackFile([.. People.Select(person =>
            new Track(person.Person, [.. person.Points.Select(point => point with { X = point.X + dx, Y = point.Y + dy })]))]);
    }

    /// <summary>The smallest rectangle that holds everybody.</summary>
    public (double MinX, double MinY, double MaxX, double MaxY) Bounds()
    {
        IEnumerable<TrackPoint> all = People.SelectMany(person => person.Points);
        return (all.Min(p => p.X), all.Min(p => p.Y), all.Max(p => p.X), all.Max(p => p.Y));
    }

    private static double[] ReadFields(string name, int number, string line)
    {
        string[] words = line.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 4)
        {
            throw new LoadException($"--tracks: '{name}' line {number}: a line has 4 fields (frame person x y); this one has {words.Length}", badArguments: true);
        }

        double[] fields = new double[4];
        for (int i = 0; i < 4; i++)
        {
            if (!double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out fields[i]) || !double.IsFinite(fields[i]))
            {
                throw new LoadException($"--tracks: '{name}' line {number}, field {i + 1}: '{words[i]}' is not a number", badArguments: true);
            }
        }

        return fields;
    }

    private static Track ToTrack(string name, double person, List<TrackPoint> frames, double firstFrame)
    {
        TrackPoint[] points = [.. frames.OrderBy(point => point.Seconds).Select(point => point with { Seconds = (point.Seconds - firstFrame) / FramesPerSecond })];
        for (int i = 1; i < points.Length; i++)
        {
            if (points[i].Seconds == points[i - 1].Seconds)
            {
                string frame = ((points[i].Seconds * FramesPerSecond) + firstFrame).ToString(CultureInfo.InvariantCulture);
                throw new LoadException($"--tracks: '{name}': person {person.ToString(CultureInfo.InvariantCulture)} is in two places in frame {frame}", badArguments: true);
            }
        }

        return new Track(person, points);
    }
}
