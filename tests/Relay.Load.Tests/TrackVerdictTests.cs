using Relay.Load.Tracks;
using Relay.Protocol.Messages;

namespace Relay.Load.Tests;

/// <summary>A person walks 1 m/s along x, recorded once a second; a position may be 100 ms off and 50 ms late.</summary>
public sealed class TrackVerdictTests
{
    private const long Millisecond = 1_000_000;

    private static readonly Track Straight = new(1, [new(0, 0, 0), new(1, 1, 0), new(2, 2, 0)]);
    private static readonly TrackTime Time = new(0, Speed: 1);
    private static readonly Tolerance Tolerance = new(0.001, 100 * Millisecond, 50 * Millisecond);

    [Fact]
    public void Positions_seen_in_time_all_count() =>
        Assert.Equal(3, Seen(new(20 * Millisecond, 0, 0), new(1020 * Millisecond, 1, 0), new(2020 * Millisecond, 2, 0)));

    [Fact]
    public void A_neighbouring_value_within_the_interval_counts() =>
        Assert.Equal(1, Seen(new Sighting(960 * Millisecond, 0.95, 0)));

    [Fact]
    public void A_position_seen_too_late_does_not_count() =>
        Assert.Equal(0, Seen(new Sighting(1200 * Millisecond, 1, 0)));

    [Fact]
    public void A_position_off_by_more_than_the_precision_does_not_count() =>
        Assert.Equal(0, Seen(new Sighting(1020 * Millisecond, 1, 0.0011)));

    [Fact]
    public void Somebody_who_stands_is_seen_by_the_value_that_is_known()
    {
        Track standing = new(1, [new(0, 5, 5), new(1, 5, 5), new(2, 5, 5)]);
        Assert.Equal(3, TrackVerdict.PositionsSeen(standing, [new Sighting(20 * Millisecond, 5, 5)], Time, Tolerance));
    }

    [Fact]
    public void Speed_turns_the_tolerance_into_recorded_time()
    {
        var fast = new TrackTime(0, Speed: 10);
        Assert.Equal(1, TrackVerdict.PositionsSeen(Straight, [new Sighting(60 * Millisecond, 0.5, 0)], fast, Tolerance with { ApartNanos = 55 * Millisecond, LateNanos = 0 }));
    }

    [Fact]
    public void BadValues_are_those_where_the_person_was_not_lately()
    {
        Sighting good = new(1020 * Millisecond, 0.95, 0), ahead = new(1020 * Millisecond, 1.5, 0), longAgo = new(1020 * Millisecond, 0.5, 0), aside = new(1020 * Millisecond, 1, 1);
        Assert.Equal(3, TrackVerdict.BadValues(Straight, [good, ahead, longAgo, aside], Time, Tolerance));
    }

    [Fact]
    public void Passages_once_each_in_order_are_no_errors()
    {
        (HashSet<uint> arrived, HashSet<uint> departed, int errors) = Passages((1, true), (2, true), (9, true), (1, false), (2, false));
        Assert.Equal((2, 2, 0), (arrived.Count, departed.Count, errors));
    }

    [Theory]
    [InlineData("1+ 2+ 1- 2- 1+", 1)]
    [InlineData("1+ 2+ 1-", 1)]
    [InlineData("1- 1+ 2+ 2-", 2)]
    [InlineData("1+ 1+ 1- 2+ 2-", 1)]
    [InlineData("", 4)]
    public void Passages_missing_repeated_or_out_of_order_are_errors(string told, int expected)
    {
        (uint, bool)[] passages = [.. told.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => ((uint)(word[0] - '0'), word[1] == '+'))];
        Assert.Equal(expected, Passages(passages).Errors);
    }

    [Fact]
    public void OutOfOrder_counts_arrivals_told_after_clearly_later_ones()
    {
        Assert.Equal(0, TrackVerdict.OutOfOrder([10, 20, 15, 30], slack: 5));
        Assert.Equal(1, TrackVerdict.OutOfOrder([10, 20, 14, 30], slack: 5));
    }

    private static int Seen(params Sighting[] sightings) => TrackVerdict.PositionsSeen(Straight, sightings, Time, Tolerance);

    private static (HashSet<uint> Arrived, HashSet<uint> Departed, int Errors) Passages(params (uint Member, bool Arrives)[] told) =>
        TrackVerdict.Passages(
            new HashSet<uint> { 1, 2 },
            told.Select((passage, i) => new Passage(passage.Member, passage.Arrives ? PresenceKind.Present : PresenceKind.Left, i)));
}
