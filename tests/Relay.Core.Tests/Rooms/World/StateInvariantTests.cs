using FsCheck;
using FsCheck.Fluent;
using Relay.Core.Rooms;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>
/// Random histories of a room's state: members of all roles ask for everything that there is, come and go, lose their connections and take
/// their sessions up again, and read slowly or not at all. In the end everybody sees what is theirs to see, the room is what a plain model
/// makes of the messages that were answered with Done, and each message was answered once.
/// </summary>
public sealed class StateInvariantTests
{
    public const int MaxTreeDepth = 4;

    private static readonly string[] Roles = ["owner", "guest", "member", "member", "moderator", "owner"];

    private static readonly ShardSettings Settings = new()
    {
        IdleTimeoutMicros = long.MaxValue,
        HeartbeatMicros = long.MaxValue,
        SlowReceiverMicros = long.MaxValue,
        ResumeWindowMicros = long.MaxValue / 2,
    };

    private enum Act
    {
        Create,
        Update,
        Remove,
        Clone,
        Claim,
        Set,
        Merge,
        RemovePath,
        Delete,
        SetRole,
        Block,
        Event,
        Move,
        Leave,
        Join,
        Break,
        Vanish,
        Resume,
        Stall,
        Unstall,
        Time,
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(16)]
    public void AnyHistory_endsWithTheSameRoomForAll(int ring) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(new Replay(new Rnd(20261121, 13), size: null)), Property(ring));

    [Fact]
    [Trait("Category", "Full")]
    public void ManyHistories_endWithTheSameRoomForAll()
    {
        foreach (int ring in new[] { 4096, 64, 16 })
        {
            // A new seed each time; a failure prints it.
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(4_000), Property(ring));
        }
    }

    private static Property Property(int ring)
    {
        (int Weight, Act Act)[] weights =
        [
            (12, Act.Create), (5, Act.Update), (1, Act.Remove), (2, Act.Clone), (9, Act.Claim), (10, Act.Set), (5, Act.Merge),
            (2, Act.RemovePath), (2, Act.Delete), (2, Act.SetRole), (1, Act.Block), (4, Act.Event), (3, Act.Move), (2, Act.Leave),
            (4, Act.Join), (1, Act.Break),
            (2, Act.Vanish), (3, Act.Resume), (2, Act.Stall), (2, Act.Unstall), (6, Act.Time),
        ];
        Gen<(Act, int, int)> operation =
            from act in Gen.Frequency([.. weights.Select(weight => (weight.Weight, Gen.Constant(weight.Act)))])
            from who in Gen.Choose(0, Roles.Length - 1)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select (act, who, seed);
        return Prop.ForAll(operation.ListOf(400).ToArbitrary(), operations => new History(ring).Play(operations));
    }

    /// <summary>One history.</summary>
    private sealed class History
    {
        private static readonly string[] Names = ["", "", "", "", "a", "b", "c", "d"];
        private static readonly string[] Keys = ["k", "l", "m", "n"];

        private readonly Simulation _simulation = new(Settings);
        private readonly RoomOptions _options;
        private readonly SimulatedClient[] _clients;
        private readonly List<Asked> _asked = [];
        private readonly HashSet<(int Blocker, int Blocked)> _blocks = [];
        private readonly List<string>[] _due;
        private readonly bool[] _everLeft = new bool[Roles.Length];
        private Random _random = new(0);
        private int _number;

        public History(int ring)
        {
            _options = new RoomOptions
            {
                ReliableRingMessages = ring,
                MaxObjects = 25,
                MaxObjectsPerMember = 9,
                MaxTreeDepth = MaxTreeDepth,
                MaxAttributes = 40,
                MaxAttributesPerTarget = 3,
                MaxAttributeBytes = 16,
                MaxStateBytes = 220,
                MaxTombstones = 4,
            };
            _clients = [.. Roles.Select((_, i) => _simulation.Connect($"c{i}"))];
            _due = [.. Roles.Select(_ => new List<string>())];
            foreach (SimulatedClient client in _clients)
            {
                client.EndsWhenCutOff = true;
                Join(client);
            }
        }

        private Room Room => _simulation.Shard.FindRoom("plaza")!;

        public void Play(IEnumerable<(Act Act, int Who, int Seed)> operations)
        {
            foreach ((Act act, int who, int seed) in operations)
            {
                _random = new Random(seed);
                Do(act, _clients[who], who);
                _simulation.Wake();
            }

            foreach (SimulatedClient client in _clients.Where(client => client.Outlet.IsLossy))
            {
                Return(client);
            }

            // Whoever read slowly reads on; locks run out.
            _simulation.Run(200);
            foreach (SimulatedClient client in _clients)
            {
                client.Outlet.Resume();
            }

            _simulation.Run(1_500);
            CheckAnswers();
            CheckModel();
            CheckClients();
        }

        private void Do(Act act, SimulatedClient client, int who)
        {
            Connection connection = client.Connection;
            bool canAsk = !client.HasVanished && connection.Closing is null && connection.Commands.HasRoom && connection.ReplyBytes < 8_000;
            Member? member = client.Connection.Member;
            uint self = member?.Id ?? 0;
            switch (act)
            {
                case < Act.Block when canAsk:
                    Ask(act, client, self);
                    break;
                case Act.Block when canAsk && member is not null:
                    Block(client, who);
                    break;
                case Act.Event when canAsk && member is { Role: > 0 }:
                    Event(client, who);
                    break;
                case Act.Move when member is not null && !client.HasVanished:
                    client.Move((uint)_random.Next(1000), _simulation.Now);
                    if (Pick([.. Room.World.Objects.Values.Where(place => place.Slot >= 0)]) is { } moved)
                    {
                        client.MoveObject((uint)moved.Slot, moved.Generation, (uint)_random.Next(1000), _simulation.Now);
                    }

                    break;

                // The first stays, so that the room does.
                case Act.Leave when canAsk && member is not null && who != 0:
                    client.Leave();
                    _everLeft[who] = true;
                    _asked.Add(new Asked(client, 0, (model, _) => model.Leave(self)));
                    break;
                case Act.Join when canAsk && member is null:
                    Join(client);
                    break;
                case Act.Break:
                    client.Outlet.IsLossy = true;
                    break;
                case Act.Vanish when !client.HasVanished && client.Connection.Commands.HasRoom:
                    client.Outlet.IsLossy = true;
                    client.Vanish();
                    break;
                case Act.Resume when client.Outlet.IsLossy:
                    Return(client);
                    break;
                case Act.Stall:
                    client.Outlet.IsStalled = true;
                    break;
                case Act.Unstall:
                    client.Outlet.Resume();
                    break;
                case Act.Time:
                    _simulation.Run(_random.Next(150));
                    break;
            }
        }

        private void Ask(Act act, SimulatedClient client, uint self)
        {
            AttributeTarget target = Target(self);
            string key = Keys[_random.Next(Keys.Length)];
            byte number = (byte)_random.Next(100);
            char letter = (char)('x' + _random.Next(3));
            switch (act)
            {
                case Act.Create:
                    Create(client, self);
                    break;
                case Act.Update:
                    uint changed = Thing();
                    uint? parent = Maybe() ? Parent() : null;
                    string? type = Maybe() ? $"t{number}" : null;
                    string? name = Maybe() ? Name() : null;
                    ObjectFlags? flags = Maybe() ? Flags() & ~ObjectFlags.Placed : null;
                    Note(
                        client,
                        client.Update(changed, parent, type, name, flags),
                        (model, _) => model.Update(changed, parent, type, name, flags));
                    break;
                case Act.Remove:
                    uint removed = Thing();
                    Note(client, client.Remove(removed), (model, _) => model.Remove(removed));
                    break;
                case Act.Clone:
                    (uint original, uint under, string called) = (Thing(), Parent(), Name());
                    Note(client, client.Clone(original, under, called), (model, id) => model.Clone(id, self, original, under, called));
                    break;
                case Act.Claim:
                    Claim(client, self);
                    break;
                case Act.Set:
                    byte[] value = Maybe() ? [number] : [0x82, 0xA1, (byte)'x', number, 0xA1, (byte)'y', 1];
                    AttributeTerms? terms = Maybe() ? Terms() : null;
                    ulong? expected = _random.Next(4) == 0 ? (ulong)_random.Next(60) : null;
                    Note(
                        client,
                        client.Set(target, key, value, terms, expected),
                        (model, version) => model.Set(version, self, target, key, terms, value));
                    break;
                case Act.Merge:
                    Note(
                        client,
                        client.Merge(target, key, $"{letter}", [number]),
                        (model, version) => model.Merge(version, self, target, key, letter, number));
                    break;
                case Act.RemovePath:
                    Note(
                        client,
                        client.RemovePath(target, key, $"{letter}"),
                        (model, version) => model.Merge(version, self, target, key, letter, null));
                    break;
                case Act.Delete:
                    Note(client, client.Delete(target, key), (model, _) => model.Delete(target, key));
                    break;
                default:
                    (uint raised, uint role) = (Somebody(), (uint)_random.Next(4));
                    Note(client, client.Manage(ManageAction.SetRole, raised, role), (model, _) => model.Members[raised] = (int)role);
                    break;
            }
        }

        private void Create(SimulatedClient client, uint self)
        {
            (ObjectFlags flags, uint parent, string name, string type) = (Flags(), Parent(), Name(), $"t{_random.Next(9)}");
            string? parentName = _random.Next(4) == 0 ? Names[4 + _random.Next(4)] : null;
            IEnumerable<string> keys = Keys.Where(_ => _random.Next(4) == 0);
            (string, AttributeTerms, byte[])[] words = [.. keys.Select(key => (key, Terms(), new[] { (byte)_random.Next(100) }))];
            ulong sequence = client.Create(name, parent, flags, type, parentName, attributes: words);
            Note(client, sequence, (model, id) => model.Create(id, self, parent, parentName, flags, type, name, words));
        }

        private void Claim(SimulatedClient client, uint self)
        {
            uint[] own = [.. Room.World.Objects.Values.Where(place => place.Owner == self).Select(place => place.Id).Order()];
            uint claimed = Maybe() ? Thing() : Pick(own);
            var action = (ClaimAction)_random.Next(5);
            uint argument = action switch
            {
                ClaimAction.Take => Room.World.Find(claimed)?.Owner ?? 0,
                ClaimAction.Give => Somebody(),
                ClaimAction.Lock => (uint)(_random.Next(2) * 300),
                _ => 0,
            };
            Note(client, client.Claim(claimed, action, argument), (model, _) => model.Claim(claimed, self, action, argument));
        }

        private void Block(SimulatedClient client, int who)
        {
            int other = _random.Next(_clients.Length);
            if (other != who && _clients[other].Connection.Member is { } blocked)
            {
                bool block = Maybe();
                Note(client, client.Manage(block ? ManageAction.Block : ManageAction.Unblock, blocked.Id), (_, _) => { });
                _ = block ? _blocks.Add((who, other)) : _blocks.Remove((who, other));
            }
        }

        private void Event(SimulatedClient client, int who)
        {
            string text = $"e{++_number}";
            int to = _random.Next(_clients.Length);
            EventAudience audience = _clients[to].Connection.Member is null ? EventAudience.Everyone : (EventAudience)_random.Next(3);
            client.Send(text, _simulation.Pool, audience, _clients[to].Connection.Member?.Id ?? 0);
            for (int i = 0; i < _clients.Length; i++)
            {
                bool isFor = audience switch { EventAudience.Member => i == to, EventAudience.Others => i != who, _ => true };
                if (isFor && _clients[i].Connection.Member is not null && !AreBlocked(i, who))
                {
                    _due[i].Add(text);
                }
            }
        }

        private void Join(SimulatedClient client)
        {
            int role = Array.IndexOf(["guest", "member", "moderator", "owner"], Roles[Array.IndexOf(_clients, client)]);
            client.Join("plaza", _options, role: Roles[Array.IndexOf(_clients, client)]);
            _simulation.Wake();
            uint id = client.Connection.Member!.Id;
            _asked.Add(new Asked(client, 0, (model, _) => model.Members.Add(id, role)));
        }

        private static void Return(SimulatedClient client)
        {
            if (!client.HasVanished && client.Connection.Commands.HasRoom)
            {
                client.Vanish();
            }

            client.BeginResume();
        }

        private void Note(SimulatedClient client, ulong sequence, Action<RoomModel, uint> apply) =>
            _asked.Add(new Asked(client, sequence, apply));

        private bool Maybe() => _random.Next(2) == 0;

        private T? Pick<T>(T[] from) => from.Length == 0 ? default : from[_random.Next(from.Length)];

        private uint Thing() => _random.Next(12) == 0 ? 999 : Pick([.. Room.World.Objects.Keys.Order()]);

        private uint Parent() => Maybe() ? 0 : Thing();

        private uint Somebody() => _random.Next(12) == 0 ? 999 : Pick([.. Room.Members.Select(member => member.Id).Order()]);

        private string Name() => Names[_random.Next(Names.Length)];

        private ObjectFlags Flags() =>
            (_random.Next(3) > 0 ? ObjectFlags.Persistent : 0) |
            (_random.Next(3) == 0 ? ObjectFlags.Placed : 0) |
            (_random.Next(8) == 0 ? ObjectFlags.Fixed : 0);

        private AttributeTarget Target(uint self) => _random.Next(6) switch
        {
            0 => AttributeTarget.OfRoom(),
            1 => AttributeTarget.OfMember(Maybe() ? self : Somebody()),
            2 => AttributeTarget.OfObjectMember(Thing(), Maybe() ? self : Somebody()),
            _ => AttributeTarget.OfObject(Thing()),
        };

        private AttributeTerms Terms() => new(
            (AttributeFlags)(_random.Next(8) & ~(_random.Next(2) * (int)AttributeFlags.Ephemeral)),
            Access(),
            Maybe() ? new Access(AccessKind.Everyone) : Access());

        private Access Access() => _random.Next(5) switch
        {
            0 => new Access(AccessKind.Owner),
            1 => new Access(AccessKind.Member, Somebody()),
            2 => new Access(AccessKind.Roles, (uint)_random.Next(16)),
            _ => new Access(AccessKind.Everyone),
        };

        private void CheckAnswers()
        {
            foreach (IGrouping<SimulatedClient, Asked> group in _asked.Where(asked => asked.Sequence > 0).GroupBy(asked => asked.Client))
            {
                Dictionary<ulong, int> refusals = group.Key.Refusals
                    .GroupBy(refusal => refusal.Sequence)
                    .ToDictionary(same => same.Key, same => same.Count());
                foreach (Asked asked in group)
                {
                    int answers = (group.Key.Done.ContainsKey(asked.Sequence) ? 1 : 0) + refusals.GetValueOrDefault(asked.Sequence);
                    Assert.True(answers == 1, $"{answers} answers to a message.");
                }
            }
        }

        private void CheckModel()
        {
            var model = new RoomModel();
            foreach (Asked asked in _asked)
            {
                if (asked.Sequence == 0 || asked.Client.Done.ContainsKey(asked.Sequence))
                {
                    asked.Apply(model, (uint)asked.Client.Done.GetValueOrDefault(asked.Sequence));
                }
            }

            foreach (RoomModel.Thing thing in model.Things.Values.Where(thing => thing.IsLockTimed))
            {
                thing.Lock = 0;
            }

            model.AssertIs(Room);
            Truth.Ledger(Room);
        }

        private void CheckClients()
        {
            for (int i = 0; i < _clients.Length; i++)
            {
                SimulatedClient client = _clients[i];
                Assert.Null(client.Connection.Closing);
                Assert.Equal(client.Connection.Member?.Id, client.Seat?.Member);
                CheckEvents(client, i);
                if (client.Connection.Member is not { } member)
                {
                    continue;
                }

                Assert.Equal(Truth.Dump(Room, member.Id), client.Mirror.Dump());
                Assert.Equal(
                    Room.Members.Select(other => (other.Id, (uint)other.Slot, other.Generation, other.Role, other.Standing)).Order(),
                    client.Members
                        .Select(pair => (pair.Key, pair.Value.Slot, pair.Value.Generation, pair.Value.Role, pair.Value.Standing))
                        .Order());
                uint[] hidden =
                [
                    .. _clients
                        .Where((other, index) => other.Connection.Member is not null && AreBlocked(i, index))
                        .Select(other => (uint)other.Connection.Member!.Slot),
                ];
                Assert.Equal(
                    Enumerable.Range(0, 100).Where(slot => HasPlace((uint)slot) && !hidden.Contains((uint)slot)).Select(slot => (uint)slot),
                    client.Values.Keys.Order());
                Assert.All(client.Values, pair =>
                {
                    Assert.True(Room.Slots.TryGet((int)pair.Key, out Protocol.Transforms.PackedTransform value));
                    Assert.Equal(value, pair.Value);
                });
            }
        }

        private void CheckEvents(SimulatedClient client, int index)
        {
            int[] heard = [.. client.Events.Select(text => int.Parse(text.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture))];
            Assert.Equal(heard.Distinct().Order(), heard);
            Assert.Subset(_due[index].ToHashSet(), client.Events.ToHashSet());
            if (!_everLeft[index] && client.Snapshots == 1)
            {
                Assert.Equal(_due[index], client.Events);
            }
        }

        private bool AreBlocked(int one, int other) => _blocks.Contains((one, other)) || _blocks.Contains((other, one));

        private bool HasPlace(uint slot) =>
            (Room.World.AtSlot(slot) is not null || Room.Members.Any(member => member.Slot == slot)) && Room.Slots.TryGet((int)slot, out _);

        private sealed record Asked(SimulatedClient Client, ulong Sequence, Action<RoomModel, uint> Apply);
    }
}
