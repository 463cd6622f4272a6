namespace Relay.Load.RoomState;

/// <summary>Whether a member was to receive a message.</summary>
internal enum Expectation
{
    No,

    /// <summary>It cannot be told from here.</summary>
    Perhaps,

    Yes,
}

/// <summary>Who was to receive a message.</summary>
internal abstract class Recipients
{
    /// <summary>Not known.</summary>
    public static Recipients Unknown { get; } = new Anybody();

    public static Recipients All { get; } = new AllButOne(0);

    public abstract Expectation Expects(Stay stay, ulong sequence);

    public static Recipients AllBut(uint member) => new AllButOne(member);

    public static Recipients Only(IReadOnlySet<uint> members) => new Some(members);

    /// <summary>The members of the sender's district: the other is out of reach.</summary>
    public static Recipients Near(Stay sender) => new Neighbours(sender);

    private sealed class Anybody : Recipients
    {
        public override Expectation Expects(Stay stay, ulong sequence) => Expectation.Perhaps;
    }

    private sealed class AllButOne(uint member) : Recipients
    {
        public override Expectation Expects(Stay stay, ulong sequence) => stay.Member != member ? Expectation.Yes : Expectation.No;
    }

    private sealed class Some(IReadOnlySet<uint> members) : Recipients
    {
        public override Expectation Expects(Stay stay, ulong sequence) => members.Contains(stay.Member) ? Expectation.Yes : Expectation.No;
    }

    private sealed class Neighbours(Stay sender) : Recipients
    {
        public override Expectation Expects(Stay stay, ulong sequence)
        {
            if (stay.Member == sender.Member || stay.District != sender.District)
            {
                return Expectation.No;
            }

            // Whoever has just come may not have been placed yet.
            return stay.PlacedAfter < sequence ? Expectation.Yes : Expectation.Perhaps;
        }
    }
}
