using System.Collections.Concurrent;
using System.Globalization;
using Relay.Client;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Host.Tests.Durability;

/// <summary>A member of a room that does one durable thing after the other, several at a time, and keeps book.</summary>
internal sealed class DurableClient(string room, string name, int seed) : IAsyncDisposable
{
    private const int Window = 8;
    private const int MostThings = 12;

    private static readonly AttributeTerms Lasting = AttributeTerms.Default with
    {
        Flags = AttributeFlags.Persistent | AttributeFlags.Cloneable,
        Writers = new Access(AccessKind.Everyone),
    };

    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<string, uint> _ids = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly SemaphoreSlim _window = new(Window);
    private readonly string _prefix = name + "-";
    private View _view = new();
    private RelayClient? _client;
    private volatile bool _isEnding;
    private Task _work = Task.CompletedTask;
    private long _serial;
    private long _unknown;

    public DurableBook Book { get; } = new();

    /// <summary>What it was refused, or told twice.</summary>
    public IEnumerable<string> Faults => _faults.Concat(_view.Twice);

    /// <summary>Answers that said that it is not known whether it lasts.</summary>
    public long Unknown => Interlocked.Read(ref _unknown);

    /// <summary>Batches of transforms so far.</summary>
    public int Batches => _view.Batches;

    public string Room => room;

    /// <summary>Enters the room and waits until all of it has been told.</summary>
    public async Task JoinAsync(string tcp)
    {
        _view = new View();
        _isEnding = false;
        _client = new RelayClient(_view, new RelayClientOptions { FrameObserver = _view, Reconnect = { Enabled = false } });
        int colon = tcp.LastIndexOf(':');
        await _client.ConnectAsync(tcp[..colon], int.Parse(tcp.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        await _client.JoinAsync(room);
        long begun = TimeProvider.System.GetTimestamp();
        while (!_view.Room.IsWhole)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < ChildProcess.Patience, "The room is not told in full.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    /// <summary>Holds what it is told after a restart against its book.</summary>
    public void Check()
    {
        string? problem = Book.Restarted(DurableWorld.Told(_view.Room.State, _prefix));
        Assert.True(problem is null, $"{name} in {room}: {problem}");
        _ids.Clear();
        foreach (RoomObject told in _view.Room.State.Objects().Where(told => told.Name.StartsWith(_prefix, StringComparison.Ordinal)))
        {
            _ids[told.Name] = told.Id;
        }
    }

    /// <summary>Works until it is stopped, or the server is gone.</summary>
    public void Begin() => _work = Task.Run(WorkAsync);

    /// <summary>Stops, and waits for all answers.</summary>
    public async Task StopAsync()
    {
        _isEnding = true;
        await _work.WaitAsync(ChildProcess.Patience, TimeProvider.System);
        for (int i = 0; i < Window; i++)
        {
            Assert.True(await _window.WaitAsync(ChildProcess.Patience), "An answer is missing.");
        }

        _window.Release(Window);
    }

    /// <summary>Moves on, as people do.</summary>
    public void Move(double x) => Assert.Equal(PackStatus.Ok, _client!.SendTransform(new Transform { X = x, RotationW = 1 }));

    /// <summary>Sets something that lasts.</summary>
    public Task SetAsync(string key, long value) => _client!.SetAttributeAsync(AttributeTarget.OfRoom(), key, value, Lasting);

    /// <summary>Does one thing more, which is answered after all others, and waits for the answer.</summary>
    public async Task FinishAsync()
    {
        int number = Book.Ask(world => world.Values[_prefix + "last"] = 1);
        await SetAsync(_prefix + "last", 1);
        Book.Acknowledge(number);
    }

    /// <summary>What it sees.</summary>
    public RoomState State => _view.Room.State;

    public Task LeaveAsync() => _client!.LeaveAsync();

    /// <summary>The server is gone, or is to be left.</summary>
    public async Task EndAsync()
    {
        _isEnding = true;
        if (_client is not null)
        {
            await _client.DisposeAsync();
            await StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        _window.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_isEnding && _client is { Closed: null })
        {
            await _window.WaitAsync();
            _ = AskAsync();
            if (_random.Next(4) == 0)
            {
                await Task.Yield();
            }
        }
    }

    private async Task AskAsync()
    {
        try
        {
            (Action<DurableWorld>? effect, Func<Task> ask) = Pick();
            int number = effect is null ? 0 : Book.Ask(effect);
            await ask();
            Book.Acknowledge(number);
        }
        catch (RelayException e) when (e.Code == CloseCode.StoreUnavailable && e.RefusedType is not null)
        {
            Interlocked.Increment(ref _unknown);
        }
        catch (RelayException e)
        {
            if (e.RefusedType is not null)
            {
                _faults.Enqueue($"{name}: {e.Message}");
            }

            _isEnding = true;
        }
        catch (Exception e)
        {
            _faults.Enqueue($"{name}: {e.Message}");
            _isEnding = true;
        }
        finally
        {
            _window.Release();
        }
    }

    /// <summary>The next deed: what it makes of the world, if that lasts, and how to ask for it.</summary>
    private (Action<DurableWorld>? Effect, Func<Task> Ask) Pick()
    {
        DurableWorld now = Book.Now;
        long value = ++_serial;
        string[] known = [.. now.Things.Keys.Where(_ids.ContainsKey)];
        return _random.Next(100) switch
        {
            < 25 => SetValue(Key("a", 6), value),
            < 35 when now.Values.Count > 0 => DeleteValue(Any(now.Values.Keys)),
            < 50 => Merge(Key("m", 3), Key("k", 5), value),
            < 55 when now.Maps.FirstOrDefault(map => map.Value.Count > 0) is { Value: { } map, Key: { } key } => RemovePath(key, Any(map.Keys)),
            < 70 when now.Things.Count < MostThings => Create(known, value),
            < 80 when known.Length > 0 => Update(Any(known), known, value),
            < 87 when known.Length > 0 => SetOf(Any(known), value),
            < 91 when known.Length > 0 => Remove(Any(known)),
            < 95 when known.Length > 0 && now.Things.Count < MostThings && Any(known) is { } original && IsLeaf(original) => Clone(original, value),
            < 98 when known.Length > 0 && Any(known) is { } toggled => Toggle(toggled, !now.Things[toggled].Lasts),
            _ => (null, () => _client!.SetAttributeAsync(AttributeTarget.OfRoom(), _prefix + "passing", value)),
        };
    }

    private (Action<DurableWorld>, Func<Task>) SetValue(string key, long value) =>
        (world => world.Values[key] = value, () => _client!.SetAttributeAsync(AttributeTarget.OfRoom(), key, value, Lasting));

    private (Action<DurableWorld>, Func<Task>) DeleteValue(string key) =>
        (world => world.Values.Remove(key), () => _client!.DeleteAttributeAsync(AttributeTarget.OfRoom(), key));

    private (Action<DurableWorld>, Func<Task>) Merge(string key, string path, long value) => (
        world =>
        {
            if (!world.Maps.TryGetValue(key, out SortedDictionary<string, long>? map))
            {
                world.Maps.Add(key, map = new(StringComparer.Ordinal));
            }

            map[path] = value;
        },
        () => _client!.MergeAttributeAsync(AttributeTarget.OfRoom(), key, [path], value, Lasting));

    private (Action<DurableWorld>, Func<Task>) RemovePath(string key, string path) => (
        world => world.Maps[key].Remove(path), () => _client!.RemoveFromAttributeAsync(AttributeTarget.OfRoom(), key, [path]));

    private (Action<DurableWorld>, Func<Task>) Create(string[] known, long value)
    {
        string made = NewName(value), type = Type(value), parent = ParentOf(made, known);
        bool lasts = _random.Next(5) > 0;
        return (
            world => world.Things.Add(made, new DurableWorld.Thing
            {
                Type = type,
                Parent = world.Things.ContainsKey(parent) ? parent : "",
                Lasts = lasts,
                Attributes = { ["left"] = value, ["right"] = value },
            }),
            async () => _ids[made] = await _client!.CreateObjectAsync(new ObjectSpec
            {
                Name = made,
                Type = type,
                Parent = parent.Length > 0 ? _ids[parent] : 0,
                IsPersistent = lasts,
                Attributes = [new("left", value, Lasting), new("right", value, Lasting)],
            }));
    }

    private (Action<DurableWorld>, Func<Task>) Clone(string original, long value)
    {
        string made = string.Create(CultureInfo.InvariantCulture, $"{_prefix}book-copy{value}");
        return (
            world =>
            {
                DurableWorld.Thing source = world.Things[original];
                world.Things.Add(made, source with { Parent = "", Attributes = new(source.Attributes, StringComparer.Ordinal) });
            },
            async () => _ids[made] = await _client!.CloneObjectAsync(_ids[original], name: made));
    }

    private (Action<DurableWorld>, Func<Task>) Update(string changed, string[] known, long value)
    {
        string type = Type(value), parent = ParentOf(changed, known);
        return (
            world => (world.Things[changed].Type, world.Things[changed].Parent) = (type, parent),
            () => _client!.UpdateObjectAsync(_ids[changed], parent: parent.Length > 0 ? _ids[parent] : 0, type: type));
    }

    private (Action<DurableWorld>, Func<Task>) SetOf(string owner, long value)
    {
        string key = _random.Next(3) switch { 0 => "left", 1 => "right", _ => "more" };
        return (
            world => world.Things[owner].Attributes[key] = value,
            () => _client!.SetAttributeAsync(AttributeTarget.OfObject(_ids[owner]), key, value, Lasting));
    }

    private (Action<DurableWorld>, Func<Task>) Remove(string removed) =>
        (world => world.Remove(removed), () => _client!.RemoveObjectAsync(_ids[removed]));

    private (Action<DurableWorld>, Func<Task>) Toggle(string toggled, bool lasts) => (
        world => world.Things[toggled].Lasts = lasts,
        () => _client!.UpdateObjectAsync(_ids[toggled], flags: lasts ? ObjectFlags.Persistent : ObjectFlags.None));

    /// <summary>Names say whether others may be under it: so there are two levels and no circles.</summary>
    private string NewName(long value) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{(value % 2 == 0 ? "shelf" : "book")}{value}");

    private string ParentOf(string child, string[] known)
    {
        string[] shelves = [.. known.Where(other => other.Contains("shelf", StringComparison.Ordinal))];
        return child.Contains("shelf", StringComparison.Ordinal) || shelves.Length == 0 || _random.Next(3) == 0 ? "" : Any(shelves);
    }

    private static bool IsLeaf(string thing) => thing.Contains("book", StringComparison.Ordinal);

    private static string Type(long value) => string.Create(CultureInfo.InvariantCulture, $"type{value}");

    private string Key(string kind, int count) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{kind}{_random.Next(count)}");

    private string Any(IEnumerable<string> names)
    {
        string[] all = [.. names.Order(StringComparer.Ordinal)];
        return all[_random.Next(all.Length)];
    }

    /// <summary>What it is told, and whether each question got one answer.</summary>
    private sealed class View : RelayHandler, IFrameObserver
    {
        private readonly ConcurrentDictionary<ulong, FrameType> _answered = [];
        private readonly ConcurrentQueue<string> _twice = [];
        private int _batches;

        public RoomView Room { get; } = new();

        public int Batches => Volatile.Read(ref _batches);

        public IEnumerable<string> Twice => _twice;

        public override void OnJoined(RoomInfo room) => Room.Reset(room);

        public override void OnPresence(RoomInfo room, ref Presence presence) => Room.Apply(ref presence);

        public override void OnState(RoomInfo room, ref State state) => Room.Apply(ref state);

        public override void OnBatch(RoomInfo room, ref TransformBatch batch) => Interlocked.Increment(ref _batches);

        public void OnFrame(FrameDirection direction, FrameType type, ReadOnlySpan<byte> body, long localMicros)
        {
            ulong sequence = 0;
            if (direction == FrameDirection.In && type == FrameType.Done && Done.TryRead(body, out Done done) == ReadStatus.Ok)
            {
                sequence = done.Sequence;
            }
            else if (direction == FrameDirection.In && type == FrameType.Error && ErrorFrame.TryRead(body, out ErrorFrame error) == ReadStatus.Ok)
            {
                sequence = error.Sequence;
            }

            if (sequence != 0 && !_answered.TryAdd(sequence, type))
            {
                _twice.Enqueue($"Message {sequence} was answered with {_answered[sequence]}, and then with {type}.");
            }
        }
    }
}
