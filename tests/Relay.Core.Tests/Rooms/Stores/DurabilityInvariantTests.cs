using System.Globalization;
using System.Text;
using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.Stores;

/// <summary>
/// Random histories of what is to last, over a store that is slow, fails and forgets to answer, with servers that are killed at any moment:
/// what was answered with Done is there, or something later in its place; nothing is there by halves; a room that is opened again is what was
/// stored; and an id never comes to mean another object.
/// </summary>
public sealed class DurabilityInvariantTests : StoreTest
{
    private const int Users = 3;

    private readonly Dictionary<string, Cell> _cells = [];
    private readonly Dictionary<(SimulatedClient Client, ulong Sequence), Asked> _asked = [];
    private readonly HashSet<uint> _ids = [];
    private SimulatedClient[] _clients = [];
    private Random _random = new(0);
    private int _operations;
    private uint _floor;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void WhatWasAnsweredWithDone_isThere_whateverHappens(int seed) => Play(seed, operations: 250);

    [Theory]
    [Trait("Category", "Full")]
    [InlineData(100, 60)]
    public void WhatWasAnsweredWithDone_isThere_inManyHistories(int from, int count)
    {
        for (int seed = from; seed < from + count; seed++)
        {
            _cells.Clear();
            _asked.Clear();
            Store.Rooms.Clear();
            _floor = 0;
            _ids.Clear();
            Start();
            Play(seed, operations: 400);
        }
    }

    private void Play(int seed, int operations)
    {
        _random = new Random(seed);
        var weather = new Random(seed + 1);
        int mood = 0;
        Store.SaveGate = token =>
        {
            int dice;
            lock (weather)
            {
                dice = weather.Next(100);
            }

            return dice < mood ? throw new IOException("down") : dice < mood + 30 ? Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, token) : Task.CompletedTask;
        };
        Store.LosesAnswer = () =>
        {
            lock (weather)
            {
                return weather.Next(100) < mood / 3;
            }
        };
        EnterAll();
        for (int i = 0; i < operations; i++)
        {
            mood = i / 40 % 2 == 0 ? 10 : 60;
            int dice = _random.Next(100);
            if (dice < 2)
            {
                mood = 0;
                Kill();
            }
            else if (dice < 4)
            {
                mood = 0;
                Reopen();
            }
            else if (dice < 7)
            {
                Client().Reconnect();
                Simulation.Run(20);
            }
            else if (dice < 12)
            {
                Simulation.Run(_random.Next(200));
                Thread.Yield();
            }
            else
            {
                Act();
                Simulation.Wake();
                Note();
            }
        }

        mood = 0;
        Settle();
        Kill();
        Reopen();
    }

    private SimulatedClient Client() => _clients[_random.Next(_clients.Length)];

    private void EnterAll()
    {
        _clients = [.. Enumerable.Range(0, Users).Select(i => Enter($"c{i}", $"u{i}", "owner"))];
        Simulation.Run(20);
        Assert.Equal(Store.Dump("plaza"), Truth());
    }

    /// <summary>The machine fails.</summary>
    private void Kill()
    {
        Note();
        Start();
        Check();
        _asked.Clear();
        foreach (Cell cell in _cells.Values)
        {
            // What is stored is the truth from now on.
            cell.Settle(Stored(cell.Name));
        }

        EnterAll();
    }

    /// <summary>Everybody leaves; the room ends when all of it is stored.</summary>
    private void Reopen()
    {
        Settle();
        Empty(_clients);
        Note();
        Check();
        EnterAll();
    }

    private void Settle()
    {
        Simulation.Await(() => Room.World.Keeper!.Unsaved == 0 && Array.TrueForAll(_clients, client => client.Connection.Owed is not { Count: > 0 }));
        Note();
        Assert.Empty(_asked);
        Assert.Equal(Store.Dump("plaza"), Truth());
    }

    private void Act()
    {
        SimulatedClient client = Client();
        int number = ++_operations;
        string key = $"k{_random.Next(3)}", name = $"o{_random.Next(4)}";
        RoomObject? target = Room.World.Find(name);
        switch (_random.Next(10))
        {
            case <= 2:
                AttributeTerms terms = _random.Next(5) == 0 ? AttributeTerms.Default : Lasting;
                bool lasted = Room.World.Attributes.Find(Encoding.UTF8.GetBytes(key)) is { IsPersistent: true };
                ulong set = client.Set(AttributeTarget.OfRoom(), key, StateAsks.Number(number), terms);
                if (lasted || terms.Flags != 0)
                {
                    // Otherwise it changes nothing that is stored.
                    Ask(client, set, ($"0//{key}", terms.Flags == 0 ? "" : Convert.ToHexString(StateAsks.Number(number))));
                }

                break;
            case 3 when Room.World.Attributes.Find(Encoding.UTF8.GetBytes(key)) is { IsPersistent: true }:
                Ask(client, client.Delete(AttributeTarget.OfRoom(), key), ($"0//{key}", ""));
                break;
            case 4:
                string user = client.Connection.Who.UserId!;
                Ask(client, client.Set(AttributeTarget.OfMember(Id(client)), key, StateAsks.Number(number), Lasting), (
                    $"0/{user}/{key}", Convert.ToHexString(StateAsks.Number(number))));
                break;
            case 5 or 6 when target is null:
                RoomObject? parent = Room.World.Find($"o{_random.Next(4)}");
                bool lasts = _random.Next(4) > 0;
                ulong made = client.Create(
                    name, parent?.Id ?? 0, lasts ? ObjectFlags.Persistent : 0, $"t{number}", attributes: ("init", Lasting, StateAsks.Number(number)));
                if (lasts)
                {
                    Ask(client, made, (name, $"t{number}"));
                }

                break;
            case 7 when target is not null:
                // All that is under it goes too.
                Ask(client, client.Remove(target.Id), [.. target.Subtree().Where(part => part.IsPersistent).Select(part => (Encoding.UTF8.GetString(part.Name), ""))]);
                break;
            case 8 when target is not null:
                bool on = _random.Next(2) == 0;
                if (!on && !target.IsPersistent)
                {
                    break;
                }

                Ask(client, client.Update(target.Id, flags: on ? ObjectFlags.Persistent : 0), (name, on ? Encoding.UTF8.GetString(target.Type) : ""));
                break;
            case 9 when target is not null:
                Ask(client, client.Set(AttributeTarget.OfObject(target.Id), key, StateAsks.Number(number), Lasting));
                break;
        }
    }

    private void Ask(SimulatedClient client, ulong sequence, params (string Cell, string Content)[] makes)
    {
        _asked.Add((client, sequence), new Asked(_operations, makes));
        foreach ((string name, string content) in makes)
        {
            if (!_cells.TryGetValue(name, out Cell? cell))
            {
                _cells.Add(name, cell = new Cell(name));
            }

            cell.Add(_operations, content);
        }
    }

    /// <summary>Takes note of what has been answered.</summary>
    private void Note()
    {
        foreach (((SimulatedClient client, ulong sequence), Asked asked) in _asked.ToArray())
        {
            if (client.Done.TryGetValue(sequence, out ulong value))
            {
                _asked.Remove((client, sequence));
                foreach ((string name, string content) in asked.Makes)
                {
                    _cells[name].Confirm(asked.Number);
                    if (value > 0 && content.StartsWith('t') && _ids.Add((uint)value))
                    {
                        Assert.True((uint)value > _floor, "An id that was an object's before.");
                    }
                }
            }
            else if (client.Refusals.Find(refusal => refusal.Sequence == sequence) is { } refusal)
            {
                _asked.Remove((client, sequence));
                foreach ((string name, string _) in asked.Makes)
                {
                    if (refusal.Code != CloseCode.StoreUnavailable)
                    {
                        _cells[name].Withdraw(asked.Number);
                    }
                }
            }
        }
    }

    private void Check()
    {
        foreach (Cell cell in _cells.Values)
        {
            cell.Check(Stored(cell.Name));
        }

        if (!Store.Rooms.TryGetValue("plaza", out TestRoomStore.Kept? kept))
        {
            return;
        }

        _floor = Math.Max(_floor, kept.LastObject);
        foreach (StoredObject made in kept.Objects.Values)
        {
            StoredValue init = kept.Attributes[new AttributeName(made.Id, "", "init")];
            Assert.Equal($"t{Number(init.Value.Span)}", made.Type);
        }
    }

    private string Stored(string cell)
    {
        if (!Store.Rooms.TryGetValue("plaza", out TestRoomStore.Kept? kept))
        {
            return "";
        }

        if (!cell.Contains('/', StringComparison.Ordinal))
        {
            return kept.Objects.Values.SingleOrDefault(made => made.Name == cell)?.Type ?? "";
        }

        string[] parts = cell.Split('/');
        return kept.Attributes.TryGetValue(new AttributeName(0, parts[1], parts[2]), out StoredValue? value) ? Convert.ToHexString(value.Value.Span) : "";
    }

    /// <summary>What of the room as it is should be stored, in the store's words; not asked of the server's own code.</summary>
    private string Truth()
    {
        var kept = new TestRoomStore.Kept();
        RoomObject[] objects = [.. Room.World.Objects.Values.Where(made => (made.Flags & ObjectFlags.Persistent) != 0)];
        kept.Apply(new RoomChanges
        {
            Room = "plaza",
            LastObject = uint.MaxValue,
            Objects = [.. objects.Select(made => new StoredObject
            {
                Id = made.Id,
                Parent = made.Parent is { } parent && objects.Contains(parent) ? parent.Id : 0,
                Flags = made.Flags,
                Type = Encoding.UTF8.GetString(made.Type),
                Name = Encoding.UTF8.GetString(made.Name),
            })],
            Attributes = [.. Room.World.AllAttributes()
                .Where(value => (value.Terms.Flags & AttributeFlags.Persistent) != 0)
                .Where(value => value.Target.Object == 0 || Array.Exists(objects, made => made.Id == value.Target.Object))
                .Select(value => new StoredValue(
                    new AttributeName(
                        value.Target.Object,
                        value.Target.Member == 0 ? "" : Room.Find(value.Target.Member)!.Receiver.Connection.Who.UserId!,
                        Encoding.UTF8.GetString(value.Key)),
                    value.Terms,
                    value.Value.ToArray()))],
        });
        return kept.Dump();
    }

    private static long Number(ReadOnlySpan<byte> value)
    {
        var reader = new Protocol.MessagePack.MessagePackReader(value);
        reader.TryReadInt64(out long number);
        return number;
    }

    private sealed record Asked(int Number, (string Cell, string Content)[] Makes);

    /// <summary>Something that is stored, and what it was asked to be, in order.</summary>
    private sealed class Cell(string name)
    {
        private readonly SortedDictionary<int, string> _contents = new() { [0] = "" };
        private int _confirmed;

        public string Name => name;

        public void Add(int number, string content) => _contents[number] = content;

        public void Confirm(int number) => _confirmed = Math.Max(_confirmed, number);

        public void Withdraw(int number) => _contents.Remove(number);

        public void Settle(string content)
        {
            _contents.Clear();
            _contents[0] = content;
            _confirmed = 0;
        }

        public void Check(string content) => Assert.True(
            _contents.Any(entry => entry.Key >= _confirmed && entry.Value == content),
            string.Create(CultureInfo.InvariantCulture, $"{name} is \"{content}\", confirmed {_confirmed}: {string.Join(' ', _contents)}"));
    }
}
