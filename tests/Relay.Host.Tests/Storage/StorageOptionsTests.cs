using Relay.Host.Storage;

namespace Relay.Host.Tests.Storage;

/// <summary>One connection string says which database; what is wrong is said without it.</summary>
public sealed class StorageOptionsTests
{
    private const string Secret = "geheim";

    [Theory]
    [InlineData("Data Source=:memory:", "SQLite in memory: nothing outlasts this process")]
    [InlineData("Data Source=/srv/relay/a b.db", "SQLite in /srv/relay/a b.db")]
    [InlineData("Host=db.example;Username=relay;Password=geheim;Database=world", "PostgreSQL at db.example:5432, database world")]
    [InlineData("postgres://relay:geheim@db.example:6432/world?sslmode=require", "PostgreSQL at db.example:6432, database world")]
    [InlineData("postgresql://relay:geheim%40%2F@db.example", "PostgreSQL at db.example:5432, database relay")]
    [InlineData("Host=/var/run/postgresql;Username=relay", "PostgreSQL at /var/run/postgresql, database relay")]
    public void ConnectionString_namesADatabase_andIsDescribedWithoutItsPassword(string text, string expected)
    {
        var options = new StorageOptions { ConnectionString = text };
        Assert.Empty(options.Validate());
        Assert.Equal(expected, StorageTarget.Of(options, out _)!.Description);
    }

    [Fact]
    public void PostgresUrl_isReadAsLibpqDoes()
    {
        StorageTarget target = StorageTarget.Of(
            new StorageOptions { ConnectionString = "postgres://re%3Alay:p%40ss%3D%3B@db.example/world?sslmode=verify-full&application_name=x" }, out _)!;
        var builder = new Npgsql.NpgsqlConnectionStringBuilder(target.Address);
        Assert.Equal(("re:lay", "p@ss=;", "x", Npgsql.SslMode.VerifyFull), (builder.Username, builder.Password, builder.ApplicationName, builder.SslMode));
    }

    [Fact]
    public void Default_isAFileInTheDirectory() => Assert.Equal(
        $"SQLite in {Path.GetFullPath("data/relay.db")}", StorageTarget.Of(new StorageOptions(), out _)!.Description);

    [Theory]
    [InlineData("geheim", "is not a list of key=value")]
    [InlineData("Password=geheim", "names no database")]
    [InlineData("Data Source=", "names no")]
    [InlineData("Data Source=a.db;Password=geheim", "takes nothing beside Data Source")]
    [InlineData("Host=x;Password=a;geheim=b", "has a key")]
    [InlineData("Host=x;Password=geheim;Port=geheim", "has a key that PostgreSQL's driver does not know, or a value out of its range")]
    [InlineData("postgres://u:geheim#@x/y", "is a URL that cannot be read")]
    [InlineData("postgres://u:geheim@x/y?nonsense=geheim", "parameter \"nonsense\" is not known")]
    public void ConnectionString_thatIsWrong_isOneClearLine_withoutIt(string text, string expected)
    {
        string problem = Assert.Single(new StorageOptions { ConnectionString = text }.Validate());
        Assert.StartsWith("Relay:Storage:ConnectionString ", problem, StringComparison.Ordinal);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
    }

    [Fact]
    public void Bounds_thatAreWrong_areNamedEach_withLimitAndValue() => Assert.Equal(
        [
            "Relay:Storage:CommandTimeout must be 00:00:01 to 01:00:00; it is 00:00:00.",
            "Relay:Storage:RetryTimeout must be 00:00:00 to 01:00:00; it is 02:00:00.",
            "Relay:Storage:WaitTimeout must be 00:00:00.0010000 to 01:00:00; it is -00:00:01.",
            "Relay:Storage:Readers must be 1 to 1000; it is 0.",
            "Relay:Storage:Writers must be 1 to 1000; it is 1001.",
            "Relay:Storage:MaxWaiting must be at least 1; it is 0.",
        ],
        new StorageOptions
        {
            CommandTimeout = TimeSpan.Zero,
            RetryTimeout = TimeSpan.FromHours(2),
            WaitTimeout = TimeSpan.FromSeconds(-1),
            Readers = 0,
            Writers = 1001,
            MaxWaiting = 0,
        }.Validate());
}
