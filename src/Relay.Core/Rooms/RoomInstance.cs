using System.Globalization;

namespace Relay.Core.Rooms;

/// <summary>The names of a room's instances: a full room spills over into "name~2", "name~3" and so on. All of them are on one
/// shard.</summary>
internal static class RoomInstance
{
    /// <summary>The most instances of a room.</summary>
    public const int Most = 1000;

    /// <summary>The name of an instance.</summary>
    /// <param name="name">The room.</param>
    /// <param name="number">1 for the room itself.</param>
    public static string NameOf(string name, int number) =>
        number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}~{number}");

    /// <summary>The room that a name is an instance of; the name itself if it is none.</summary>
    public static string BaseOf(string name)
    {
        int mark = name.LastIndexOf('~');
        bool isInstance = mark > 0 && mark < name.Length - 1 && name.AsSpan(mark + 1).IndexOfAnyExceptInRange('0', '9') < 0;
        return isInstance ? name[..mark] : name;
    }
}
