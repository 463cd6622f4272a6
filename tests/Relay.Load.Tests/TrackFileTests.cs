using Relay.Load.Tracks;

namespace Relay.Load.Tests;

public sealed class TrackFileTests
{
    public static string FivePeople => Path.Combine(AppContext.BaseDirectory, "Data", "five-people.txt");

    [Fact]
    public void Read_groups_positions_by_person_and_counts_time_from_the_first_frame()
    {
        TrackFile file = TrackFile.Parse("test", ["100.0\t7.0\t1.5\t2.5", "110.0\t7.0\t2.5\t2.5", "", "105 8 0 0"]);
        Assert.Equal([7.0, 8.0], file.People.Select(person => person.Person));
        Assert.Equal([new TrackPoint(0, 1.5, 2.5), new TrackPoint(0.4, 2.5, 2.5)], file.People[0].Points);
        Assert.Equal(0.2, file.People[1].Begin, 9);
        Assert.Equal(3, file.Positions);
    }

    [Fact]
    public void Read_of_the_sample_file_finds_five_people()
    {
        TrackFile file = TrackFile.Read(FivePeople);
        Assert.Equal(5, file.People.Count);
        Assert.Equal(59, file.Positions);
    }

    [Theory]
    [InlineData("1 2 3", "line 2: a line has 4 fields (frame person x y); this one has 3")]
    [InlineData("1 2 3 4 5", "line 2: a line has 4 fields (frame person x y); this one has 5")]
    [InlineData("1 2 east 4", "line 2, field 3: 'east' is not a number")]
    [InlineData("1 2 NaN 4", "line 2, field 3: 'NaN' is not a number")]
    [InlineData("0 1 5 5", "person 1 is in two places in frame 0")]
    public void Read_of_a_wrong_line_says_where_and_what(string line, string expected)
    {
        LoadException error = Assert.Throws<LoadException>(() => TrackFile.Parse("test", ["0 1 2 3", line]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.True(error.BadArguments);
    }

    [Fact]
    public void Read_of_an_empty_file_is_refused() => Assert.Throws<LoadException>(() => TrackFile.Parse("test", ["", " "]));

    [Fact]
    public void CenteredAt_moves_the_middle_and_nothing_else()
    {
        TrackFile file = TrackFile.Read(FivePeople).CenteredAt(10, -10);
        (double minX, double minY, double maxX, double maxY) = file.Bounds();
        Assert.Equal(10, (minX + maxX) / 2, 9);
        Assert.Equal(-10, (minY + maxY) / 2, 9);
        Assert.Equal(59, file.Positions);
    }
}
