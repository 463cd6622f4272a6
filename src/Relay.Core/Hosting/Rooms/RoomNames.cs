using System.Text;
using Relay.Core.Rooms;

namespace Relay.Core.Hosting;

/// <summary>What rooms may be called. protocol-spec.md §6.1.</summary>
public static class RoomNames
{
    /// <summary>Whether a room may have a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="maxBytes">The most bytes of UTF-8: <see cref="RelayLimits.MaxRoomNameBytes"/>.</param>
    public static bool IsValid(string name, int maxBytes) => RoomName.IsValid(Encoding.UTF8.GetBytes(name), maxBytes);

    /// <summary>The room that an instance belongs to: "plaza" for "plaza~2".</summary>
    /// <param name="name">The name of a room or of an instance.</param>
    /// <returns>The name itself if it is of no instance.</returns>
    public static string RoomOf(string name) => RoomInstance.BaseOf(name);
}
