using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Relay.Host.Storage;

/// <summary>Connection URIs as libpq takes them: <c>postgres://user:password@host:port/database?sslmode=require</c>. PostgreSQL
/// documentation, 34.1.1.2 Connection URIs.</summary>
internal static class PostgresUrl
{
    /// <summary>Reads one.</summary>
    /// <param name="text">The URI.</param>
    /// <param name="builder">The same as the driver wants it.</param>
    /// <param name="problem">What is wrong, without any part of the URI that could be a secret.</param>
    public static bool TryRead(
        string text, [NotNullWhen(true)] out NpgsqlConnectionStringBuilder? builder, [NotNullWhen(false)] out string? problem)
    {
        builder = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri))
        {
            problem = "characters such as @ / : # in user and password must be written in per cent (%40).";
            return false;
        }

        var result = new NpgsqlConnectionStringBuilder { Host = Unescape(uri.Host) };
        if (uri.Port > 0)
        {
            result.Port = uri.Port;
        }

        string[] who = uri.UserInfo.Split(':', 2);
        result.Username = who[0].Length > 0 ? Unescape(who[0]) : null;
        result.Password = who.Length > 1 ? Unescape(who[1]) : null;
        result.Database = uri.AbsolutePath.Length > 1 ? Unescape(uri.AbsolutePath[1..]) : null;
        foreach (string parameter in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = parameter.Split('=', 2);
            if (pair.Length < 2 || !Set(result, pair[0], Unescape(pair[1])))
            {
                problem = $"its parameter \"{(pair.Length < 2 ? "without =" : pair[0])}\" is not known, or its value is out of range.";
                return false;
            }
        }

        builder = result;
        problem = null;
        return true;
    }

    private static bool Set(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        // libpq's names where they are not the driver's own with an underscore or without.
        string key = name switch
        {
            "sslmode" => "SSL Mode",
            "sslrootcert" => "Root Certificate",
            "sslcert" => "SSL Certificate",
            "sslkey" => "SSL Key",
            "application_name" => "Application Name",
            "connect_timeout" => "Timeout",
            "user" => "Username",
            "dbname" => "Database",
            _ => name,
        };
        try
        {
            builder[key] = key == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException
            or OverflowException or KeyNotFoundException)
        {
            return false;
        }
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text);
}
