using System.Reflection;
using Xunit.Sdk;

namespace Relay.Host.Tests.Storage.Kit;

/// <summary>A database that a test runs on.</summary>
public enum Db
{
    Sqlite,
    PostgreSql,
}

/// <summary>Runs a theory on both databases, with each row of its own data, if it has any.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BothDatabasesAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[Db.Sqlite], [Db.PostgreSql]];
}
