using System.Collections.Concurrent;
using Relay.Client.Tests.Kit;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>Calls about a room's state against the real server, over connections that break. protocol-spec.md §5.7, §5.8 and §11.</summary>
public sealed class StateResumeTests
{
    private const string Marks = "marks", Counter = "counter", Last = "last";

    [Theory]
    [InlineData(Wire.Tcp, 1)]
    [InlineData(Wire.Tcp, 2)]
    [InlineData(Wire.Tcp, 3)]
    [InlineData(Wire.WebSocket, 4)]
    [InlineData(Wire.WebSocket, 5)]
    [InlineData(Wire.WebSocket, 6)]
    public async Task Calls_are_answered_once_and_done_once_wherever_connections_are_cut(Wire wire, int seed)
    {
        const int Members = 3, Cuts = 20;
        await using Company company = await Company.GatherAsync(wire);
        var random = new Random(seed);
        var ledger = new Ledger();
        var actors = new List<Actor>();
        for (int i = 0; i < Members; i++)
        {
            // The first attempt is the application's own, so it must get past Welcome.
            ProxyPlan[] plans = [.. Enumerable.Range(0, Cuts).Select(cut => new ProxyPlan(
                random.Next(cut == 0 ? 600 : 20, 1200),
                random.Next(cut == 0 ? 800 : 20, 2400),
                random.Next(2) == 0 ? ProxyFault.End : ProxyFault.Reset))];
            Traveller one = await company.AddAsync($"member {i}", "owner", cut => cut < Cuts ? plans[cut] : ProxyPlan.Pass);
            actors.Add(new Actor(one, ledger, new Random(seed + (100 * (i + 1)))));
        }

        await Task.WhenAll(actors.Select(actor => actor.ActAsync(until: Cuts)));
        Traveller late = await company.AddAsync("late", "owner");
        CheckLedger(late.View.State, ledger);
        foreach (Actor actor in actors)
        {
            await actor.Self.AgreesAsync(late);
            Assert.Equal(1, actor.Self.Snapshots);
            Assert.Single(actor.Self.Turns, "joined plaza");
            Assert.DoesNotContain(actor.Self.Turns, turn => turn is not ("joined plaza" or "away" or "away still" or "back"));
            await late.UntilAsync(
                me => me.View.State.TryGetTransform(actor.Own, out Transform place) && Math.Round(place.X, 3) == actor.X, "the last place");
        }
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Session_that_is_lost_fails_calls_and_the_state_comes_anew(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire, options => options.Resume.Window = TimeSpan.Zero);
        Traveller anna = await company.AddAsync("Anna"), ben = await company.AddAsync("Ben");
        uint before = await anna.Client.CreateObjectAsync(new ObjectSpec { IsPersistent = true, Name = "kept" });
        await anna.Client.CreateObjectAsync(new ObjectSpec { Name = "gone" });
        uint member = anna.Member;
        anna.Proxy.IsShut = true;
        anna.Proxy.Cut();
        await ben.UntilObjectAsync(before, known => known.Owner == ben.Member, "the heir");
        await ben.UntilAsync(me => me.Turns.Contains($"gone {member}"), "Anna's departure");
        Task<uint> lost = anna.Client.CreateObjectAsync(new ObjectSpec());
        anna.Proxy.IsShut = false;
        await Assert.ThrowsAsync<RelaySessionLostException>(() => lost.InTimeAsync("the failure"));
        await anna.UntilAsync(me => me.Turns.Count(turn => turn == "joined plaza") == 2 && me.View.IsWhole, "the room, once more");
        await ben.AgreesAsync(anna);
        Assert.Equal([before], anna.View.State.Objects().Select(known => known.Id));
        await anna.Client.TakeAsync(before, ben.Member).InTimeAsync("Done in the new session");
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Gap_is_closed_by_a_snapshot_of_everything(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire, options => options.Room.ReliableRingMessages = 16);
        Traveller anna = await company.AddAsync("Anna", "owner"), ben = await company.AddAsync("Ben");
        uint gone = await anna.Client.CreateObjectAsync(new ObjectSpec { Name = "gone" });
        await ben.UntilObjectAsync(gone, _ => true, "the object");
        ben.Proxy.IsShut = true;
        ben.Proxy.Cut();
        await anna.Client.RemoveObjectAsync(gone);
        for (int i = 0; i < 100; i++)
        {
            uint id = await anna.Client.CreateObjectAsync(new ObjectSpec { Place = new Transform(i * 0.1, 0, 0) });
            await anna.Client.SetAttributeAsync(AttributeTarget.OfObject(id), "text", new string('x', 3000));
        }

        ben.Proxy.IsShut = false;
        await ben.UntilAsync(me => me.Snapshots == 2, "the snapshot");
        Assert.Contains("gap", ben.Turns);
        await ben.AgreesAsync(anna);
        await ben.UntilAsync(
            me => me.View.State.Objects() is { Count: 100 } all && all.All(known => me.View.State.TryGetTransform(known.Id, out _)),
            "all places");
    }

    private static void CheckLedger(RoomState state, Ledger ledger)
    {
        Assert.Equal(ledger.Made.Keys.Except(ledger.Removed.Keys).Order(), state.Objects().Select(known => known.Id).Order());
        Assert.True(state.TryGetAttribute(AttributeTarget.OfRoom(), Marks, out RoomAttribute marks));
        Assert.Equal(ledger.Marks.Order(StringComparer.Ordinal), KeysOf(marks).Order(StringComparer.Ordinal));
        Assert.True(state.TryGetAttribute(AttributeTarget.OfRoom(), Counter, out RoomAttribute counter));
        Assert.Equal(ledger.Counted, NumberOf(counter));
        Assert.True(state.TryGetAttribute(AttributeTarget.OfRoom(), Last, out RoomAttribute last));
        Assert.Equal(ledger.Versions.Keys.Max(), last.Version);
        Assert.True(ledger.Calls > 200, $"Only {ledger.Calls} calls.");
        Assert.True(ledger.Refusals > 0, "Nothing was refused.");
    }

    private static List<string> KeysOf(RoomAttribute map)
    {
        var keys = new List<string>();
        var reader = new MessagePackReader(map.Value.Span);
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadMapHeader(out int count));
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(MessagePackStatus.Ok, reader.TryReadString(out ReadOnlySpan<byte> key));
            keys.Add(System.Text.Encoding.UTF8.GetString(key));
            Assert.Equal(MessagePackStatus.Ok, reader.TrySkip());
        }

        return keys;
    }

    private static long NumberOf(RoomAttribute number) =>
        new MessagePackReader(number.Value.Span).TryReadInt64(out long value) == MessagePackStatus.Ok ? value : -1;

    /// <summary>What the server said was done, by all.</summary>
    private sealed class Ledger
    {
        private int _counted;
        private int _calls;
        private int _refusals;

        public ConcurrentDictionary<uint, bool> Made { get; } = new();

        public ConcurrentDictionary<uint, bool> Removed { get; } = new();

        public ConcurrentDictionary<ulong, bool> Versions { get; } = new();

        public ConcurrentBag<string> Marks { get; } = [];

        public int Counted => _counted;

        public int Calls => _calls;

        public int Refusals => _refusals;

        public void Count() => Interlocked.Increment(ref _counted);

        public void Call() => Interlocked.Increment(ref _calls);

        public void Refuse() => Interlocked.Increment(ref _refusals);
    }

    /// <summary>A client that does something at random, some of it at once.</summary>
    private sealed class Actor(Traveller self, Ledger ledger, Random random)
    {
        private static readonly AttributeTarget Room = AttributeTarget.OfRoom();
        private int _number;

        public Traveller Self => self;

        /// <summary>An object that nobody else touches.</summary>
        public uint Own { get; private set; }

        /// <summary>Where it is.</summary>
        public double X { get; private set; }

        public async Task ActAsync(int until)
        {
            var spec = new ObjectSpec { IsPlaced = true, IsFixed = true, Type = "own" };
            Own = await self.Client.CreateObjectAsync(spec).InTimeAsync("one's own");
            ledger.Made[Own] = true;
            await self.UntilObjectAsync(Own, _ => true, "one's own");
            while (self.Proxy.Count <= until)
            {
                Task[] calls = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => CallAsync())];
                Move();
                await Task.WhenAll(calls).InTimeAsync($"answers; {string.Join(", ", self.Turns)}");
            }
        }

        private void Move()
        {
            X = Math.Round(random.Next(60_000) * 0.001, 3);
            Assert.True(self.View.State.TryGetObject(Own, out RoomObject known));
            Assert.Equal(PackStatus.Ok, self.Client.MoveObject(known, new Transform(X, 0, 0)));
        }

        private async Task CallAsync()
        {
            ledger.Call();
            try
            {
                await CallAsync(random.Next(11), $"{self.Member}-{++_number}");
            }
            catch (RelayException e) when (e.RefusedType is not null)
            {
                ledger.Refuse();
            }
        }

        private async Task CallAsync(int which, string name)
        {
            RelayClient client = self.Client;
            switch (which)
            {
                case 0 or 1:
                    bool named = random.Next(2) == 0;
                    Add(await client.CreateObjectAsync(new ObjectSpec { Name = named ? name : "", IsPersistent = random.Next(2) == 0 }));
                    break;
                case 2:
                    Add(await client.CloneObjectAsync(Any(), name: name));
                    break;
                case 3:
                    uint id = Any();
                    await client.RemoveObjectAsync(id);
                    Assert.True(ledger.Removed.TryAdd(id, true), "Removed twice.");
                    break;
                case 4:
                    await client.UpdateObjectAsync(Any(), type: name, name: name);
                    break;
                case 5:
                    self.View.State.TryGetObject(Any(), out RoomObject taken);
                    await client.TakeAsync(taken.Id, taken.Owner);
                    break;
                case 6:
                    await client.LockAsync(Any(), TimeSpan.FromMilliseconds(20));
                    break;
                case 7 or 8:
                    await client.MergeAttributeAsync(Room, Marks, [name], _number);
                    ledger.Marks.Add(name);
                    break;
                case 9:
                    bool isThere = self.View.State.TryGetAttribute(Room, Counter, out RoomAttribute counter);
                    await client.SetAttributeAsync(Room, Counter, isThere ? NumberOf(counter) + 1 : 1, expected: counter.Version);
                    ledger.Count();
                    break;
                default:
                    ulong version = await client.SetAttributeAsync(Room, Last, name);
                    Assert.True(ledger.Versions.TryAdd(version, true), "Two writes with one version.");
                    break;
            }
        }

        private void Add(uint id) => Assert.True(ledger.Made.TryAdd(id, true), "One id for two objects.");

        /// <summary>Any object that is not somebody's own; 0 if there is none, which is refused.</summary>
        private uint Any()
        {
            RoomObject[] all = [.. self.View.State.Objects().Where(known => known.Type != "own")];
            return all.Length == 0 ? 0 : all[random.Next(all.Length)].Id;
        }
    }
}
