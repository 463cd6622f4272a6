using System.Text;
using Relay.Protocol.Messages;

namespace Relay.Load.Recordings.Replay;

/// <summary>Numbers for one message: the first that is not known decides for all of it.</summary>
internal struct Mapping(LiveNumbers numbers)
{
    /// <summary>Whether all that was asked for is known.</summary>
    public Lookup Found { get; private set; }

    public uint Member(uint recorded)
    {
        Note(numbers.Member(recorded, out uint live));
        return live;
    }

    public uint Object(uint recorded)
    {
        Note(numbers.Object(recorded, out uint live));
        return live;
    }

    public AttributeTarget Target(in AttributeTarget recorded) => new(recorded.Kind, Object(recorded.Object), Member(recorded.Member));

    public AttributeTerms Terms(in AttributeTerms recorded) =>
        recorded with { Readers = Access(recorded.Readers), Writers = Access(recorded.Writers) };

    public ulong Version(in SetAttribute recorded, in AttributeTarget live)
    {
        string key = Encoding.UTF8.GetString(recorded.KeyUtf8);
        Lookup found = numbers.Version(
            new AttributeName(recorded.Target, key), new AttributeName(live, key), recorded.Expected ?? 0, out ulong version);
        Note(found);
        return version;
    }

    private Access Access(in Access recorded) =>
        recorded.Kind == AccessKind.Member ? recorded with { Argument = Member(recorded.Argument) } : recorded;

    /// <summary>What is missing for good outweighs what is only late.</summary>
    private void Note(Lookup found) => Found = found > Found ? found : Found;
}
