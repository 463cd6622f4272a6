using System.Text.Json.Nodes;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>
/// protocol-layouts.json against the hand-written codecs: of random bodies, whole and damaged, both accept the same, read the same fields
/// and write the same bytes. That nothing of the table escapes this is tested by changing it: each change must be noticed.
/// </summary>
public class LayoutCodeTests
{
    private const int Bodies = 5_000;

    /// <summary>The default room, the smallest, and one whose records are of the largest size.</summary>
    private static readonly RoomSpace[] Spaces =
        [RoomSpace.Default, Room(1, 1, 1), Room(1 << 28, (1 << 28) - 1, (1 << 27) + 1), Room(3, 1 << 20, 1)];

    public static TheoryData<string> FrameNames => new(LayoutTable.Instance.Frames.Select(frame => frame.Name));

    [Fact]
    public void Frames_are_the_enum_s()
    {
        Assert.Equal(
            Enum.GetValues<FrameType>().Select(type => ((byte)type, type.ToString())),
            LayoutTable.Instance.Frames.Select(frame => (frame.Type, frame.Name)));
    }

    [Fact]
    public void Codes_are_the_enum_s()
    {
        Assert.Equal(
            Enum.GetValues<CloseCode>()
                .Where(code => code != CloseCode.None)
                .Select(code => ((ushort)code, CloseCodes.Name(code), CloseCodes.IsRetryable(code))),
            LayoutTable.Instance.Codes.Select(code => (code.Code, code.Name, code.Retry)));
    }

    [Fact]
    public void Names_are_the_enums()
    {
        LayoutTable table = LayoutTable.Instance;
        Assert.Equal(Names<ClaimAction>(), table.ClaimActions.Select(Pascal));
        Assert.Equal(Names<ManageAction>(), table.ManageActions.Select(Pascal));
        Assert.Equal(Names<RoomPermissions>().Skip(1), table.Permissions);
        Assert.Equal(
            Enum.GetValues<RoomPermissions>().Skip(1).Select(permission => (uint)permission), table.Permissions.Select((_, bit) => 1u << bit));
        Assert.Equal(
            Enum.GetValues<SignalKind>().Select(kind => (kind.ToString(), (uint)kind)),
            table.Signals.Where(signal => signal.Key != "application").Select(signal => (Pascal(signal.Key), signal.Value)));
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Random_bodies_are_read_and_written_the_same(string name)
    {
        FrameLayout frame = LayoutTable.Instance.Frame(name);
        LayoutCase[] cases = Cases(frame);
        foreach (LayoutCase one in cases)
        {
            Assert.Null(one.Difference(frame));
        }

        // A generator that makes only one sort would prove nothing. (Any eight bytes are a Ping.)
        int accepted = cases.Count(one => one.Fields is not null);
        Assert.True(accepted >= Bodies / 4, $"{accepted} of {Bodies} were accepted.");
        Assert.True(Bodies - accepted >= Bodies / 20, $"{Bodies - accepted} of {Bodies} were refused.");
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Every_change_of_the_table_is_noticed(string name)
    {
        FrameLayout original = LayoutTable.Instance.Frame(name);
        LayoutCase[] cases = Cases(original);
        int changes = 0;
        foreach ((string change, JsonNode json) in LayoutChanges.Of(name))
        {
            FrameLayout changed = LayoutTable.Parse(json).Frame(name);
            Assert.True(cases.Any(one => IsNoticed(one, changed)), $"{name}: nothing noticed {change}.");
            changes++;
        }

        Assert.True(changes >= 2 * original.Body.Count, $"Only {changes} changes were tried.");
    }

    private static bool IsNoticed(LayoutCase one, FrameLayout changed)
    {
        try
        {
            return one.Difference(changed) is not null;
        }
        catch (Exception exception) when (exception is InvalidCastException or InvalidOperationException)
        {
            // A condition on a field that is no number, a name that is not there: such a table cannot be read by at all.
            return true;
        }
    }

    private static LayoutCase[] Cases(FrameLayout frame)
    {
        var random = new Random(20_261_121 + frame.Type);
        return Enumerable.Range(0, Bodies).Select(i =>
        {
            RoomSpace space = Spaces[i % Spaces.Length];
            return LayoutCase.Of(frame, LayoutGenerator.Body(frame, random, LayoutCase.SpaceOf(space)), space);
        }).ToArray();
    }

    private static RoomSpace Room(uint x, uint y, uint z) =>
        RoomSpace.TryCreate(-1, -2, -3, 0.5, x, y, z, out RoomSpace? space) is { } fault ? throw new InvalidOperationException(fault) : space!;

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(value => value.ToString());

    private static string Pascal(string name) => string.Concat(name.Split(' ', '_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
