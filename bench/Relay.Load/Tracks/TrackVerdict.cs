using Relay.Protocol.Messages;

namespace Relay.Load.Tracks;

/// <summary>How exactly and how soon a recorded position must be seen.</summary>
/// <param name="Precision">Metres on each axis.</param>
/// <param name="ApartNanos">How far, in time, the seen value may lie from the recorded one: a tick and the interval at which the person
/// sends.</param>
/// <param name="LateNanos">How much later than that it may arrive: the way through two processes on busy machines.</param>
internal readonly record struct Tolerance(double Precision, long ApartNanos, long LateNanos);

/// <summary>Holds what an observer wrote down against the recording.</summary>
internal static class TrackVerdict
{
    /// <summary>How many recorded positions of a person were seen in time.</summary>
    /// <param name="track">The person.</param>
    /// <param name="sightings">Where the observer saw them, by rising time.</param>
    /// <param name="time">When the recording was played.</param>
    /// <param name="tolerance">What counts as seen.</param>
    public static int PositionsSeen(Track track, IReadOnlyList<Sighting> sightings, TrackTime time, Tolerance tolerance)
    {
        int seen = 0, first = 0;
        double apart = tolerance.ApartNanos / 1e9 * time.Speed;
        foreach (TrackPoint point in track.Points)
        {
            long due = time.ToNanos(point.Seconds);
            long from = due - tolerance.ApartNanos, to = due + tolerance.ApartNanos + tolerance.LateNanos;
            // What was seen last before the span is still known in it: somebody who stands still need not be told again.
            while (first + 1 < sightings.Count && sightings[first + 1].Nanos <= from)
            {
                first++;
            }

            for (int i = first; i < sightings.Count && sightings[i].Nanos <= to; i++)
            {
                if (track.Passes(sightings[i].X, sightings[i].Y, point.Seconds - apart, point.Seconds + apart, tolerance.Precision))
                {
                    seen++;
                    break;
                }
            }
        }

        return seen;
    }

    /// <summary>How many sightings show the person where they had not been lately, or where they were going only later.</summary>
    /// <param name="track">The person.</param>
    /// <param name="sightings">Where the observer saw them.</param>
    /// <param name="time">When the recording was played.</param>
    /// <param name="tolerance">What counts as lately.</param>
    public static int BadValues(Track track, IReadOnlyList<Sighting> sightings, TrackTime time, Tolerance tolerance)
    {
        double lately = (tolerance.ApartNanos + tolerance.LateNanos) / 1e9 * time.Speed;
        return sightings.Count(sighting =>
        {
            double now = time.ToSeconds(sighting.Nanos);
            return !track.Passes(sighting.X, sighting.Y, now - lately, now, tolerance.Precision);
        });
    }

    /// <summary>Counts who was told to come and to go exactly once, in this order.</summary>
    /// <param name="members">The people's member ids.</param>
    /// <param name="passages">What an observer was told, in the order of its stream.</param>
    /// <returns>People whose arrival, and whose departure, was told once; and what was told wrongly.</returns>
    public static (HashSet<uint> Arrived, HashSet<uint> Departed, int Errors) Passages(IReadOnlySet<uint> members, IEnumerable<Passage> passages)
    {
        HashSet<uint> arrived = [], departed = [];
        int errors = 0;
        foreach (Passage passage in passages.Where(passage => members.Contains(passage.Member)))
        {
            bool fits = passage.Kind == PresenceKind.Present
                ? arrived.Add(passage.Member)
                : arrived.Contains(passage.Member) && departed.Add(passage.Member);
            errors += fits ? 0 : 1;
        }

        errors += (members.Count - arrived.Count) + (members.Count - departed.Count);
        return (arrived, departed, errors);
    }

    /// <summary>Counts arrivals that were told before one that happened clearly earlier.</summary>
    /// <param name="told">When each member in the order told had asked to join, in nanoseconds.</param>
    /// <param name="slack">Less than this apart is no order.</param>
    public static int OutOfOrder(IEnumerable<long> told, long slack)
    {
        int errors = 0;
        long newest = long.MinValue;
        foreach (long asked in told)
        {
            errors += newest != long.MinValue && asked < newest - slack ? 1 : 0;
            newest = Math.Max(newest, asked);
        }

        return errors;
    }
}
