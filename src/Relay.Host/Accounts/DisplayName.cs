namespace Relay.Host.Accounts;

/// <summary>Names that others see.</summary>
internal static class DisplayName
{
    /// <summary>A name as it may be shown: without space at its ends, without control characters, of 1 to <see cref="Account.MaxName"/>
    /// characters, whole ones.</summary>
    /// <param name="name">What somebody gave.</param>
    /// <returns>Null if it is none.</returns>
    public static string? Check(string? name)
    {
        string? trimmed = name?.Trim();
        return trimmed is { Length: > 0 and <= Account.MaxName } && IsText(trimmed) ? trimmed : null;
    }

    /// <summary>A name made from one that somebody else gave, cut where it is too long; or a made-up one.</summary>
    /// <param name="suggested">What was given.</param>
    /// <param name="id">The account's id, for a made-up name.</param>
    public static string From(string? suggested, string id)
    {
        string name = suggested?.Trim() ?? "";
        if (name.Length > Account.MaxName)
        {
            // Not in the middle of a surrogate pair.
            name = name[..(char.IsHighSurrogate(name[Account.MaxName - 1]) ? Account.MaxName - 1 : Account.MaxName)];
        }

        return Check(name) ?? "guest-" + id[..6];
    }

    /// <summary>Neither control characters, nor what turns the direction of a line, nor halves of surrogate pairs.</summary>
    private static bool IsText(string name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogatePair(name, i))
            {
                i++;
            }
            else if (char.IsSurrogate(name[i]) || char.IsControl(name[i]) ||
                name[i] is '\u061C' or (>= '\u200E' and <= '\u200F') or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069'))
            {
                return false;
            }
        }

        return true;
    }
}
