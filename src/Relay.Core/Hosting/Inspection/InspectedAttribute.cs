using System.Text;
using Relay.Core.Rooms.World;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Core.Hosting;

/// <summary>An attribute at one moment. Those that only some may see are among them.</summary>
public sealed class InspectedAttribute
{
    private readonly byte[] _key;
    private readonly byte[] _value;
    private readonly string[] _roles;

    internal InspectedAttribute(StoredAttribute attribute, string[] roles)
    {
        _key = attribute.Key;
        _value = attribute.Value.ToArray();
        _roles = roles;
        Version = attribute.Version;
        Author = attribute.Author;
        Terms = attribute.Terms;
    }

    /// <summary>Its key.</summary>
    public string Key => Encoding.UTF8.GetString(_key);

    /// <summary>Its value, as MessagePack.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    /// <summary>Its version.</summary>
    public ulong Version { get; }

    /// <summary>The member that wrote it last; 0 for the server.</summary>
    public uint Author { get; }

    /// <summary>Who sees and who writes it, and how long it lasts.</summary>
    public AttributeTerms Terms { get; }

    /// <summary>Its value for a person: JSON where JSON has a word for it.</summary>
    /// <param name="maxLength">The most characters; what is longer ends in "…".</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is below 1.</exception>
    public string Text(int maxLength = MessagePackText.DefaultMaxLength) => MessagePackText.Format(_value, maxLength);

    /// <summary>Whom an access names, for a person: "everyone", "the owner", "member 7", "moderator, owner".</summary>
    /// <param name="access">One of <see cref="Terms"/>.</param>
    public string Who(Access access) => access.Kind switch
    {
        AccessKind.Everyone => "everyone",
        AccessKind.Owner => "the owner",
        AccessKind.Member => $"member {access.Argument}",
        _ => string.Join(", ", _roles.Where((_, role) => (access.Argument & (1u << role)) != 0)),
    };
}
