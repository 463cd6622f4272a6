using System.Globalization;
using System.Reflection;
using System.Text;

namespace Relay.Host.Storage;

/// <summary>A step of the tables from one version to the next: <c>Migrations/NNNN_name.sql</c>, or the same with <c>.postgres</c> or
/// <c>.sqlite</c> before <c>.sql</c> where the two must differ. What was once released is never changed.</summary>
/// <param name="Number">From 1 on, without holes.</param>
/// <param name="Name">What it is about.</param>
/// <param name="Sql">Statements; in the transaction of all that are applied at once.</param>
internal sealed record Migration(int Number, string Name, string Sql)
{
    private const string Prefix = "Relay.Host.Storage.Migrations.";

    /// <summary>Those that this program knows, by number.</summary>
    public static IReadOnlyList<Migration> For(DatabaseKind kind)
    {
        Assembly assembly = typeof(Migration).Assembly;
        string own = kind == DatabaseKind.PostgreSql ? "postgres" : "sqlite";
        var found = new List<Migration>();
        foreach (string resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            // NNNN_name[.postgres|.sqlite].sql
            string[] parts = resource[Prefix.Length..].Split('.');
            if (parts.Length == 3 && parts[1] != own)
            {
                continue;
            }

            string[] title = parts[0].Split('_', 2);
            found.Add(new Migration(int.Parse(title[0], CultureInfo.InvariantCulture), title[1], Read(assembly, resource)));
        }

        return [.. found.OrderBy(migration => migration.Number)];
    }

    /// <summary>As people name it.</summary>
    public override string ToString() => $"{Number} ({Name})";

    private static string Read(Assembly assembly, string resource)
    {
        using Stream stream = assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
