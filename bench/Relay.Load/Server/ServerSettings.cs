using System.Globalization;

namespace Relay.Load.Server;

/// <summary>How a server is started for a run.</summary>
internal sealed record ServerSettings
{
    /// <summary>The processor that it is pinned to, or <c>null</c>.</summary>
    public int? Cpu { get; init; }

    /// <summary>Milliseconds between batches; 0 sends at once.</summary>
    public double TickMillis { get; init; } = 50;

    /// <summary><c>Tick</c>, or milliseconds.</summary>
    public string Cadence { get; init; } = "Tick";

    /// <summary>Pipe, Direct or Auto.</summary>
    public string Road { get; init; } = "Auto";

    /// <summary>Members that a room must take.</summary>
    public int Capacity { get; init; } = 500;

    /// <summary>Connections that the server must take.</summary>
    public int Connections { get; init; } = 1000;

    /// <summary>The database to use, told by the environment since it may hold a password; <c>null</c> for memory: each run begins with
    /// nothing, and measures no disk.</summary>
    public string? Database { get; init; }

    /// <summary>Arguments that a kind of run needs beside these.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    /// <summary>The server's arguments.</summary>
    public IEnumerable<string> Arguments()
    {
        double rate = TickMillis == 0 ? 0 : 1000 / TickMillis;
        yield return "--environment=Development";
        yield return "--Relay:Host:HttpPort=0";
        yield return "--Relay:Host:TcpPort=0";
        if (Database is null)
        {
            yield return "--Relay:Storage:ConnectionString=Data Source=:memory:";
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"--Relay:Room:TickRate={rate}");
        yield return string.Create(CultureInfo.InvariantCulture, $"--Relay:Room:Capacity={Capacity}");
        yield return $"--Relay:InputCadence={Cadence}";
        yield return $"--Relay:Road={Road}";
        yield return "--Relay:Limits:FramesPerSecond=0";
        yield return string.Create(CultureInfo.InvariantCulture, $"--Relay:Limits:MaxConnections={Connections}");
        foreach (string argument in More)
        {
            yield return argument;
        }
    }
}
