using Relay.Core.Rooms.Stores;

namespace Relay.Core.Tests.Rooms.Stores;

/// <summary>
/// A store of rooms in memory that can be slow, fail, or be cut off from a server that is gone. It holds the server to the contract: one room
/// once in a batch and never twice at a time, ids that do not come to mean another object, nothing kept of what is gone.
/// </summary>
internal sealed class TestRoomStore
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _saving = [];

    public Dictionary<string, Kept> Rooms { get; } = [];

    /// <summary>What each save waits for; it may throw.</summary>
    public Func<CancellationToken, Task> SaveGate { get; set; } = _ => Task.CompletedTask;

    /// <summary>What each fetching waits for; it may throw.</summary>
    public Func<CancellationToken, Task> LoadGate { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether the answer to a save that was made gets lost.</summary>
    public Func<bool> LosesAnswer { get; set; } = () => false;

    public int Loads { get; private set; }

    public int Batches { get; private set; }

    /// <summary>The rooms of each batch that was stored.</summary>
    public List<int> BatchSizes { get; } = [];

    /// <summary>What a server sees of it, until it is cut off.</summary>
    public Line Connect() => new(this);

    /// <summary>What is stored of a room, for comparing.</summary>
    public string Dump(string room)
    {
        lock (_gate)
        {
            return Rooms.TryGetValue(room, out Kept? kept) ? kept.Dump() : "";
        }
    }

    private StoredRoom? Load(string room)
    {
        lock (_gate)
        {
            Loads++;
            return !Rooms.TryGetValue(room, out Kept? kept) ? null : new StoredRoom
            {
                LastObject = kept.LastObject,
                Objects = [.. kept.ParentsFirst()],
                Attributes = [.. kept.Attributes.Values.Where(value => value.Name.User.Length == 0)],
            };
        }
    }

    private StoredVisitor Visitor(string room, string user)
    {
        lock (_gate)
        {
            return !Rooms.TryGetValue(room, out Kept? kept) ? StoredVisitor.Unknown : new StoredVisitor
            {
                Place = kept.Places.GetValueOrDefault(user),
                Attributes = [.. kept.Attributes.Values.Where(value => value.Name.User == user)],
            };
        }
    }

    private void Apply(IReadOnlyList<RoomChanges> batch)
    {
        lock (_gate)
        {
            Batches++;
            BatchSizes.Add(batch.Count);
            foreach (RoomChanges changes in batch)
            {
                if (!Rooms.TryGetValue(changes.Room, out Kept? kept))
                {
                    Rooms.Add(changes.Room, kept = new Kept());
                }

                kept.Apply(changes);
            }
        }
    }

    /// <summary>One server's way to the store.</summary>
    public sealed class Line(TestRoomStore store) : IRoomStore
    {
        private bool _isCut;

        /// <summary>The server is gone: nothing of it comes through any more.</summary>
        public void Cut()
        {
            lock (store._gate)
            {
                _isCut = true;
                store._saving.Clear();
            }
        }

        public async ValueTask<StoredRoom?> LoadAsync(string room, CancellationToken cancellationToken)
        {
            await store.LoadGate(cancellationToken);
            return store.Load(room);
        }

        public async ValueTask<StoredVisitor> FindVisitorAsync(string room, string user, CancellationToken cancellationToken)
        {
            await store.LoadGate(cancellationToken);
            return store.Visitor(room, user);
        }

        public async ValueTask SaveAsync(IReadOnlyList<RoomChanges> batch, CancellationToken cancellationToken)
        {
            Begin(batch);
            try
            {
                await store.SaveGate(cancellationToken);
                lock (store._gate)
                {
                    RefuseIfCut();
                    store.Apply(batch);
                }

                if (store.LosesAnswer())
                {
                    throw new IOException("Stored, but nobody heard.");
                }
            }
            finally
            {
                End(batch);
            }
        }

        private void Begin(IReadOnlyList<RoomChanges> batch)
        {
            lock (store._gate)
            {
                // What a server that is gone began would stay begun for ever.
                RefuseIfCut();
                foreach (RoomChanges changes in batch)
                {
                    Assert.True(store._saving.Add(changes.Room), "A room's changes are stored twice at a time.");
                }
            }
        }

        private void End(IReadOnlyList<RoomChanges> batch)
        {
            lock (store._gate)
            {
                // After the cut they are another server's.
                foreach (RoomChanges changes in _isCut ? [] : batch)
                {
                    store._saving.Remove(changes.Room);
                }
            }
        }

        private void RefuseIfCut()
        {
            if (_isCut)
            {
                throw new IOException("Cut off.");
            }
        }
    }

    /// <summary>What is stored of one room.</summary>
    public sealed class Kept
    {
        public uint LastObject { get; private set; }

        public Dictionary<uint, StoredObject> Objects { get; } = [];

        public Dictionary<AttributeName, StoredValue> Attributes { get; } = [];

        public Dictionary<string, StoredPlace> Places { get; } = [];

        public void Apply(RoomChanges changes)
        {
            Assert.True(changes.LastObject >= LastObject, "The last id goes down.");
            foreach (uint id in changes.RemovedObjects)
            {
                Objects.Remove(id);
                foreach (AttributeName name in Attributes.Keys.Where(name => name.Object == id).ToArray())
                {
                    Attributes.Remove(name);
                }
            }

            foreach (AttributeName name in changes.RemovedAttributes)
            {
                Attributes.Remove(name);
            }

            foreach (StoredObject changed in changes.Objects)
            {
                Assert.True(changed.Id <= changes.LastObject, "An id above the last.");
                Objects[changed.Id] = changed;
            }

            foreach (StoredValue value in changes.Attributes)
            {
                Assert.True(value.Name.Object == 0 || Objects.ContainsKey(value.Name.Object), "An attribute of an object that is not stored.");
                Attributes[value.Name] = value;
            }

            foreach ((string user, StoredPlace place) in changes.Places)
            {
                Places[user] = place;
            }

            LastObject = changes.LastObject;
            Assert.All(Objects.Values, kept => Assert.True(kept.Parent == 0 || Objects.ContainsKey(kept.Parent), "A child of what is not stored."));
        }

        public IEnumerable<StoredObject> ParentsFirst()
        {
            var done = new HashSet<uint> { 0 };
            while (done.Count <= Objects.Count)
            {
                foreach (StoredObject next in Objects.Values.Where(kept => !done.Contains(kept.Id) && done.Contains(kept.Parent)).ToArray())
                {
                    done.Add(next.Id);
                    yield return next;
                }
            }
        }

        public string Dump() => string.Join('\n', Lines().Order(StringComparer.Ordinal));

        private IEnumerable<string> Lines()
        {
            foreach (StoredObject kept in Objects.Values)
            {
                yield return $"object {kept.Id:D6} {kept.Parent} {kept.AwaitedParent} {kept.Flags} {kept.Type} {kept.Name} {kept.Place?.Transform.X:F3}";
            }

            foreach (StoredValue value in Attributes.Values)
            {
                yield return $"attribute {value.Name} {value.Terms} {Convert.ToHexString(value.Value.Span)}";
            }
        }
    }
}
