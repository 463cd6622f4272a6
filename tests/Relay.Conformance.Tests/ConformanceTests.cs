using Relay.Conformance.Tests.Cases;
using Relay.Conformance.Tests.Echo;
using Relay.Conformance.Tests.Kit;

namespace Relay.Conformance.Tests;

/// <summary>
/// RFC 6455 as the Autobahn TestSuite examines it, on each road, against an echo that is made of the product's own reader and outlets; and
/// again with the limits that a relay has in production.
/// </summary>
[Collection(Board.Name)]
public sealed class ConformanceTests(Board board)
{
    /// <summary>Cases in which the peer is allowed to be not strict, each with the reason. Everything else must be OK.</summary>
    private static readonly Dictionary<string, string> NonStrict = [];

    public static TheoryData<Road, Profile, string> All
    {
        get
        {
            var all = new TheoryData<Road, Profile, string>();
            foreach (Road road in Roads.All.Keys)
            {
                foreach ((Profile profile, IReadOnlyList<Case> cases) in Catalogue.Of)
                {
                    foreach (Case tried in cases)
                    {
                        all.Add(road, profile, tried.Id);
                    }
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Case_isAsTheRfcWantsIt(Road road, Profile profile, string id)
    {
        Case tried = Catalogue.Of[profile].Single(candidate => candidate.Id == id);
        Verdict verdict = await board.JudgeAsync(road, profile, tried);
        Mark worst = NonStrict.ContainsKey(id) ? Mark.NonStrict : Mark.Ok;
        Assert.True(verdict.Mark <= worst, $"{id}, {tried.What}. {Verdict.Spell(verdict.Mark)}: {verdict.Reason}");
    }

    [Fact]
    public void Catalogue_holdsEveryNumberOfAutobahnOnce()
    {
        IReadOnlyList<Case> cases = Catalogue.Of[Profile.Wide];
        Assert.Equal(cases.Count, cases.DistinctBy(tried => tried.Id).Count());
        Assert.Equal(
            [16, 11, 7, 10, 20, 145, 37, 54, 1],
            Catalogue.Sections.SkipLast(1).Select(section => cases.Count(tried => tried.Section == section.Section)));
    }
}
