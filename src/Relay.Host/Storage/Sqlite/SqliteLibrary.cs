using System.Runtime.InteropServices;
using SQLitePCL;

namespace Relay.Host.Storage.Sqlite;

/// <summary>The system's own SQLite: it comes with the system's security updates, and no binary has to be shipped.</summary>
internal static class SqliteLibrary
{
    private static readonly Lock Loading = new();
    private static bool _isLoaded;

    private static string[] Names => OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    /// <summary>Loads it, once.</summary>
    /// <exception cref="StorageRefusedException">The system has none.</exception>
    public static void Load()
    {
        lock (Loading)
        {
            if (_isLoaded)
            {
                return;
            }

            nint library = 0;
            if (!Names.Any(name => NativeLibrary.TryLoad(name, out library)))
            {
                throw new StorageRefusedException(
                    $"SQLite is missing ({Names[0]}): install it (Debian package libsqlite3-0), " +
                    "or set Relay:Storage:ConnectionString to a PostgreSQL database.");
            }

            NativeLibrary.SetDllImportResolver(
                typeof(SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == "e_sqlite3" ? library : 0);
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            _isLoaded = true;
        }
    }
}
