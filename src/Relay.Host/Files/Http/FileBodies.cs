namespace Relay.Host.Files.Http;

/// <summary>A file, as its owner is told of it.</summary>
/// <param name="Hash">SHA-256 of the content in hex: its address.</param>
/// <param name="Url">Where it is served; relative to the server unless files have an origin of their own.</param>
/// <param name="Type">The media type that the content was found to be of.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Visibility">Who may see it: <c>public</c>, <c>room</c> or <c>owner</c>.</param>
/// <param name="Room">Whose members may see it, if it is a room's.</param>
/// <param name="Width">Of images, in pixels, as they are shown.</param>
/// <param name="Height">Of images, in pixels, as they are shown.</param>
/// <param name="Created">When it came.</param>
/// <param name="Expires">When it goes, unless a room shows it by then; null: it was claimed, and stays.</param>
/// <param name="Variants">Whether it is served in other sizes too.</param>
internal sealed record FileAnswer(
    string Hash, string Url, string Type, long Length, string Name, string Visibility, string? Room, long? Width, long? Height,
    DateTimeOffset Created, DateTimeOffset? Expires, bool Variants);

/// <summary>What is to be another about a file; what is left out stays.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Visibility">Who may see it: <c>public</c>, <c>room</c> or <c>owner</c>.</param>
/// <param name="Room">Whose members may see it.</param>
/// <param name="Kept">true: it is claimed, and stays; false: it is temporary anew, from now on.</param>
internal sealed record FilePatch(string? Name = null, string? Visibility = null, string? Room = null, bool? Kept = null);
