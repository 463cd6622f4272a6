using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Relay.Host.Accounts.Jwt;

/// <summary>Makes tokens.</summary>
internal static class JwtWriter
{
    /// <summary>Makes and signs a token.</summary>
    /// <param name="key">The key, with its private half.</param>
    /// <param name="type">What it is (<c>typ</c>), so that a token for one thing is never taken for another. RFC 8725 §3.11.</param>
    /// <param name="claims">Writes the claims into an object.</param>
    public static string Write(JwtKey key, string type, Action<Utf8JsonWriter> claims)
    {
        string header = Part(json =>
        {
            json.WriteString("alg", key.Algorithm.ToString());
            json.WriteString("typ", type);
            json.WriteString("kid", key.Id);
        });
        string signed = header + "." + Part(claims);
        return signed + "." + Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)));
    }

    private static string Part(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }
}
