using Relay.Core.Transport.Direct;

namespace Relay.Core.Tests.Transport.Direct;

/// <summary>A tag finds its own item as long as that is in the table, and afterwards nothing, whoever has its place.</summary>
public sealed class TagTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Tags_findTheirOwnItemOrNothing(int seed)
    {
        var random = new Random(seed);
        bool[] steps = [.. Enumerable.Range(0, 300).Select(_ => random.Next(5) < 3)];
        var table = new TagTable<object>();
        var present = new List<(ulong Tag, object Item)>();
        var removed = new List<ulong>();
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i] || present.Count == 0)
            {
                object item = new();
                present.Add((table.Add(item), item));
            }
            else
            {
                (ulong tag, _) = present[i % present.Count];
                present.RemoveAt(i % present.Count);
                removed.Add(tag);
                table.Remove(tag);
                table.Remove(tag);
            }

            Assert.Equal(present.Count, table.Count);
            Assert.All(present, entry => Assert.Same(entry.Item, table.Find(entry.Tag)));
            Assert.All(removed, tag => Assert.Null(table.Find(tag)));
            Assert.Equal(present.Select(entry => entry.Item).ToHashSet(), table.Items.ToHashSet());
        }

        Assert.DoesNotContain(EpollSet.AlarmTag, present.Select(entry => entry.Tag).Concat(removed));
        Assert.Null(table.Find(EpollSet.AlarmTag));
        Assert.Null(table.Find(ulong.MaxValue));
    }
}
