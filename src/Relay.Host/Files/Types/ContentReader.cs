using System.Buffers;
using Relay.Host.Files.Store;

namespace Relay.Host.Files.Types;

/// <summary>
/// Looks at a content through one window of memory, however long the content is. Each look says whether there is what was to be seen; if
/// not, <see cref="Failure"/> says what that makes of the file, and whoever walks through a format has only to hand it on. To be disposed.
/// </summary>
internal sealed class ContentReader : IDisposable
{
    /// <summary>The most bytes that can be seen at once.</summary>
    public const int WindowLength = 65_536;

    // What is read for a look at a few bytes: mostly the next look is close by, and if not, it costs little.
    private const int Glance = 1_024;

    private readonly byte[] _window = ArrayPool<byte>.Shared.Rent(WindowLength);
    private readonly IContentSource _source;
    private readonly CancellationToken _cancellationToken;

    private Inspection? _failure;
    private long _start;
    private int _held, _skip, _count, _parts;

    /// <summary>Wraps a content.</summary>
    /// <param name="source">The content.</param>
    /// <param name="limits">What it may ask for.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    public ContentReader(IContentSource source, InspectionLimits limits, CancellationToken cancellationToken) =>
        (_source, Limits, _cancellationToken) = (source, limits, cancellationToken);

    /// <summary>Bytes of the content.</summary>
    public long Length => _source.Length;

    /// <summary>What a file may ask for.</summary>
    public InspectionLimits Limits { get; }

    /// <summary>What is seen: good until the next look.</summary>
    public ReadOnlySpan<byte> Seen => _window.AsSpan(_skip, _count);

    /// <summary>After a false or a null: what it makes of the file.</summary>
    public Inspection Failure => _failure!;

    /// <summary>The file ends where there should be more of it.</summary>
    public Inspection CutOff => Inspection.Unsound($"it is cut off: after its {Length} bytes there should be more");

    /// <summary>Notes what is wrong.</summary>
    /// <param name="failure">What.</param>
    /// <returns>False.</returns>
    public bool Fail(Inspection failure)
    {
        _failure = failure;
        return false;
    }

    /// <summary>Whether the content has so many bytes at a place.</summary>
    /// <param name="offset">The place; any number.</param>
    /// <param name="count">How many; any number that is not negative.</param>
    public bool Has(long offset, long count) => offset >= 0 && offset <= Length - count;

    /// <summary>Counts one more part of the file.</summary>
    /// <returns>False if those are too many.</returns>
    public bool TakePart() =>
        ++_parts <= Limits.MaxParts || Fail(Inspection.TooMuch("parts", _parts, Limits.MaxParts));

    /// <summary>Looks at some bytes.</summary>
    /// <param name="offset">From where.</param>
    /// <param name="count">How many; at most <see cref="WindowLength"/>.</param>
    /// <returns>True if exactly these are seen.</returns>
    public ValueTask<bool> SeeAsync(long offset, int count) => Look(offset, count, Math.Max(count, Glance), isAll: false);

    /// <summary>Looks at as many bytes as are at hand, to go on from there.</summary>
    /// <param name="offset">From where.</param>
    /// <param name="least">How many must be seen; at least 1.</param>
    /// <returns>True if these and perhaps more are seen.</returns>
    public ValueTask<bool> SeeSomeAsync(long offset, int least) => Look(offset, least, WindowLength, isAll: true);

    /// <summary>Copies some bytes.</summary>
    /// <param name="offset">From where.</param>
    /// <param name="to">Where to; filled.</param>
    /// <returns>False if they are not there.</returns>
    public async ValueTask<bool> CopyAsync(long offset, Memory<byte> to)
    {
        if (!Has(offset, to.Length))
        {
            return Fail(CutOff);
        }

        while (!to.IsEmpty)
        {
            int count = _source.Outcome.IsDone ? await _source.ReadAsync(offset, to, _cancellationToken).ConfigureAwait(false) : 0;
            if (count == 0)
            {
                return Fail(Inspection.Failed(_source.Outcome.IsDone
                    ? new StoreOutcome(StoreStatus.Damaged, "it ended before its length")
                    : _source.Outcome));
            }

            offset += count;
            to = to[count..];
        }

        return true;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_window);

    private ValueTask<bool> Look(long offset, int least, int wanted, bool isAll)
    {
        if (!Has(offset, least))
        {
            return ValueTask.FromResult(Fail(CutOff));
        }

        if (offset >= _start && offset <= _start + _held - least)
        {
            return ValueTask.FromResult(See(offset, least, isAll));
        }

        return FetchAsync(offset, least, wanted, isAll);
    }

    private async ValueTask<bool> FetchAsync(long offset, int least, int wanted, bool isAll)
    {
        int count = (int)Math.Min(wanted, Length - offset);
        (_start, _held) = (offset, 0);
        if (!await CopyAsync(offset, _window.AsMemory(0, count)).ConfigureAwait(false))
        {
            return false;
        }

        _held = count;
        return See(offset, least, isAll);
    }

    private bool See(long offset, int least, bool isAll)
    {
        _skip = (int)(offset - _start);
        _count = isAll ? _held - _skip : least;
        return true;
    }
}
