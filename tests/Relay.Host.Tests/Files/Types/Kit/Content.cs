using Relay.Host.Files.Store;
using Relay.Host.Files.Types;

namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>A content in memory, which fails the test if it is read where it is not. What is read is put in pieces of any length.</summary>
/// <param name="bytes">Its first bytes.</param>
/// <param name="length">How long it is; zeros fill it.</param>
/// <param name="end">Its last bytes.</param>
internal sealed class Content(byte[] bytes, long? length = null, byte[]? end = null) : IContentSource
{
    public long Length { get; } = length ?? bytes.Length;

    public StoreOutcome Outcome { get; private set; } = StoreOutcome.Done;

    /// <summary>The most bytes that a read gives.</summary>
    public int Piece { get; init; } = int.MaxValue;

    /// <summary>From where on reading fails.</summary>
    public long Broken { get; init; } = long.MaxValue;

    public int Reads { get; private set; }

    /// <summary>The segments of 64 KiB that were read.</summary>
    public HashSet<long> Segments { get; } = [];

    public static async Task<Inspection> InspectAsync(byte[] file, InspectionLimits? limits = null) =>
        await FileInspector.InspectAsync(new Content(file), limits ?? new InspectionLimits(), default);

    public ValueTask<int> ReadAsync(long offset, Memory<byte> to, CancellationToken cancellationToken)
    {
        Assert.True(Outcome.IsDone, "It is read although it has failed.");
        Assert.InRange(offset, 0, Length - 1);
        Assert.InRange(to.Length, 1, Length - offset);
        Reads++;
        if (offset >= Broken)
        {
            Outcome = new StoreOutcome(StoreStatus.Unavailable, "the test has broken it");
            return ValueTask.FromResult(0);
        }

        int count = (int)Math.Min(Math.Min(to.Length, Piece), Broken - offset);
        for (long segment = offset / 65_536; segment <= (offset + count - 1) / 65_536; segment++)
        {
            Segments.Add(segment);
        }

        Span<byte> read = to.Span[..count];
        read.Clear();
        if (offset < bytes.Length)
        {
            bytes.AsSpan((int)offset, (int)Math.Min(count, bytes.Length - offset)).CopyTo(read);
        }

        byte[] tail = end ?? [];
        long start = Length - tail.Length, from = Math.Max(offset, start);
        if (from < offset + count)
        {
            tail.AsSpan((int)(from - start), (int)(offset + count - from)).CopyTo(read[(int)(from - offset)..]);
        }

        return ValueTask.FromResult(count);
    }
}
