namespace Relay.Core.Rooms;

/// <summary>An item that carries its own link, so that a list of it allocates nothing.</summary>
internal interface ILinked<T>
    where T : class
{
    /// <summary>The next item in the list that holds this one. Whoever holds the list may touch it, nobody else.</summary>
    T? Next { get; set; }
}

/// <summary>A lock-free list: many threads push, one takes everything at once, so there is no ABA to fear.</summary>
internal sealed class LaneStack<T>
    where T : class, ILinked<T>
{
    private T? _head;

    public bool IsEmpty => Volatile.Read(ref _head) is null;

    /// <summary>Puts an item on top. Any thread; the item must be in no other list.</summary>
    public void Push(T item)
    {
        T? head = Volatile.Read(ref _head);
        while (true)
        {
            item.Next = head;
            T? seen = Interlocked.CompareExchange(ref _head, item, head);
            if (ReferenceEquals(seen, head))
            {
                return;
            }

            head = seen;
        }
    }

    /// <summary>Takes everything, oldest first. One thread.</summary>
    public T? TakeAll()
    {
        T? item = Interlocked.Exchange(ref _head, null);
        T? reversed = null;
        while (item is not null)
        {
            (item.Next, reversed, item) = (reversed, item, item.Next);
        }

        return reversed;
    }
}
