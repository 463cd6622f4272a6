using System.Globalization;
using Relay.Load.Cli;
using Relay.Load.Durable;
using Relay.Load.Wire;

namespace Relay.Load.Compare;

/// <summary>What a comparison runs: which workloads, over which transports, at which cadences, in which variants.</summary>
internal static class ComparisonPlan
{
    /// <summary>A wake-up a tick is the cheapest, one every 10 ms is what servers do unless told otherwise.</summary>
    private static readonly string[] UsualCadences = ["tick", "10"];

    /// <summary>How slow a database is that is slow.</summary>
    private const int SlowMillis = 2000;

    private static readonly LoadTransport[] BothTransports = [LoadTransport.Tcp, LoadTransport.Ws];

    /// <summary>Makes it.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="standard">Gives the standard workloads, under what the user said of all.</param>
    public static IReadOnlyList<Contest> Make(LoadOptions options, Func<IEnumerable<(string Name, LoadOptions Options)>> standard) =>
        options.Beside ? Beside(options, standard) : options.Versus is { } more ? Versus(options, options.Against!, more) : Roads(options, standard);

    /// <summary>Workloads that differ in their limits or their road alone are the same load: the first of each stands for all.</summary>
    public static IEnumerable<(string Name, LoadOptions Options)> Distinct(IEnumerable<(string Name, LoadOptions Options)> workloads) =>
        workloads.DistinctBy(one => (
            one.Options.Rooms,
            one.Options.Clients,
            one.Options.Rate,
            one.Options.TickMillis,
            one.Options.State,
            one.Options.StateRate,
            string.Join(',', one.Options.LateJoin),
            string.Join(',', one.Options.Cadences)));

    private static List<Contest> Roads(LoadOptions options, Func<IEnumerable<(string Name, LoadOptions Options)>> standard)
    {
        IEnumerable<(string Name, LoadOptions Options)> workloads = options.OwnWorkload || options.Idle is not null
            ? [(NameOf(options), options)]
            : Distinct(standard());
        // What is idle has no input to be read.
        string[] cadences = options.Idle is null ? UsualCadences : [options.Cadence];
        return
        [
            .. from workload in workloads
               from one in Spread(workload.Options, BothTransports, cadences)
               select new Contest(workload.Name, [OnRoad("pipe", one), OnRoad("direct", one)]),
        ];
    }

    private static List<Contest> Versus(LoadOptions options, LoadOptions against, string more) =>
        [.. Spread(options, [options.Transport], [options.Cadence]).Select(one => new Contest(
            NameOf(options),
            [
                new Variant("A", string.Empty, one),
                new Variant("B", more, against with
                {
                    Transports = [against.Transports.Count > 0 ? against.Transport : one.Transport],
                    Cadences = [against.Cadences.Count > 0 ? against.Cadence : one.Cadence],
                }),
            ]))];

    /// <summary>The first standard workload without and with those who set persistent attributes; and the same on a slow database, where it
    /// can be slowed.</summary>
    private static List<Contest> Beside(LoadOptions options, Func<IEnumerable<(string Name, LoadOptions Options)>> standard)
    {
        (string name, LoadOptions walkers) = standard().First();
        LoadOptions alone = walkers with { Database = options.Database };
        LoadOptions beside = alone with { Writers = options.Writers, Window = options.Window, DatabaseDelayMillis = options.DatabaseDelayMillis };
        var contests = new List<Contest>
        {
            new($"{name} beside durable sets", [new Variant("alone", string.Empty, alone), new Variant("beside", "--durable", beside)]),
        };
        if (DatabaseRules.HasHost(options.Database) && options.DatabaseDelayMillis == 0)
        {
            contests.Add(new Contest(
                $"{name} beside durable sets, database {SlowMillis / 1000} s slow",
                [
                    new Variant("alone", string.Empty, alone),
                    new Variant(
                        "slow",
                        string.Create(CultureInfo.InvariantCulture, $"--durable --database-delay {SlowMillis}"),
                        beside with { DatabaseDelayMillis = SlowMillis }),
                ]));
        }

        return contests;
    }

    private static Variant OnRoad(string road, LoadOptions options) => new(road, $"--road {road}", options with { Road = road });

    /// <summary>The same at each transport and cadence: its own, or the usual ones.</summary>
    private static IEnumerable<LoadOptions> Spread(
        LoadOptions options, IReadOnlyList<LoadTransport> transports, IReadOnlyList<string> cadences) =>
        from cadence in options.Cadences.Count > 0 ? options.Cadences : cadences
        from transport in options.Transports.Count > 0 ? options.Transports : transports
        select options with { Transports = [transport], Cadences = [cadence] };

    private static string NameOf(LoadOptions options) => options.Idle is { } idle
        ? string.Create(CultureInfo.InvariantCulture, $"idle {(idle > 0 ? idle : options.Rooms * options.Clients)}")
        : options.LateJoin.Count > 0
            ? $"late joins {string.Join('+', options.LateJoin)}"
            : string.Create(CultureInfo.InvariantCulture, $"{(options.IsAboutState ? "state " : string.Empty)}{options.Rooms}×{options.Clients}×{options.Rate}");
}
