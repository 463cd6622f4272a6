using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>What keys of attributes and names and types of objects may be like. protocol-spec.md §11.1.</summary>
internal static class Names
{
    /// <summary>The most bytes of UTF-8.</summary>
    public const int MaxBytes = 64;

    /// <summary>Keys of attributes that begin so are the server's alone to write.</summary>
    public static ReadOnlySpan<byte> ReservedKeys => "relay."u8;

    /// <summary>The one that of an object anybody may write who may write its others: the file that it shows.</summary>
    public static ReadOnlySpan<byte> FileKey => "relay.file"u8;

    /// <summary>Checks whether somebody may write under a key at all.</summary>
    /// <param name="actor">Who; null for the server.</param>
    /// <param name="target">What the attribute is of.</param>
    /// <param name="key">The key.</param>
    public static Fault CheckKey(Member? actor, TargetKind target, ReadOnlySpan<byte> key) =>
        actor is not null && key.StartsWith(ReservedKeys) && !(target == TargetKind.Object && key.SequenceEqual(FileKey))
        ? new Fault(CloseCode.Forbidden, "Keys that begin with \"relay.\" are the server's.")
        : Check("A key", key, mayBeEmpty: false);

    /// <summary>Checks one.</summary>
    /// <param name="what">What it is, for the refusal.</param>
    /// <param name="utf8">UTF-8 that is known to be well formed.</param>
    /// <param name="mayBeEmpty">Whether there may be none.</param>
    public static Fault Check(string what, ReadOnlySpan<byte> utf8, bool mayBeEmpty)
    {
        if (utf8.Length > MaxBytes || (utf8.IsEmpty && !mayBeEmpty))
        {
            return new Fault(CloseCode.BadValue, $"{what} takes {(mayBeEmpty ? 0 : 1)} to the limit of bytes.", MaxBytes, utf8.Length);
        }

        foreach (byte unit in utf8)
        {
            // Control characters are single bytes in UTF-8, and no part of any other character.
            if (unit is < 0x20 or 0x7F)
            {
                return new Fault(CloseCode.BadValue, $"{what} has a control character: the value is its code.", 0x20, unit);
            }
        }

        return Fault.None;
    }
}
