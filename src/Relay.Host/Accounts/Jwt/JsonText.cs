using System.Text.Json;

namespace Relay.Host.Accounts.Jwt;

/// <summary>Texts in foreign JSON.</summary>
internal static class JsonText
{
    /// <summary>The text of an element; null if it is something else, or has half of a surrogate pair.</summary>
    /// <param name="element">The element.</param>
    public static string? Of(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
