using System.Buffers;
using System.Text.Json;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts.Http;

/// <summary><c>/.well-known/jwks.json</c>: the public keys, with which others verify room permission tokens offline. RFC 7517 §5.</summary>
internal static class JwksEndpoint
{
    /// <summary>Puts it into the program.</summary>
    /// <param name="app">The program.</param>
    /// <param name="keys">The keys.</param>
    public static void MapJwks(this IEndpointRouteBuilder app, SigningKeys keys)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            foreach (JwtKey key in keys.All)
            {
                key.WritePublic(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        byte[] document = buffer.WrittenSpan.ToArray();
        app.MapGet("/.well-known/jwks.json", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "public, max-age=300";
            return Results.Bytes(document, "application/jwk-set+json");
        });
    }
}
