using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files;

/// <summary>Files as they lie on the disk: what is right is read, and what was changed in any way is not.</summary>
public sealed class SealedFormatTests : IDisposable
{
    private const int Segment = SealedLayout.SegmentLength;
    private const int SealedSegment = SealedLayout.SealedSegmentLength;

    private readonly StoreBed _bed = new();

    public static TheoryData<int> Lengths =>
    [
        0, 1, 15, 16, 17, Segment - 1, Segment, Segment + 1, (4 * Segment) - 1, 4 * Segment, (4 * Segment) + 1, 8 * Segment, 5_000_000,
    ];

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Content_ofAnyLength_comesBack(int length)
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(length);
        ContentHash hash = await store.PutAsync(content);
        Assert.Equal(StoreBed.HashOf(content), hash);
        Assert.Equal(content, await store.ReadAsync(hash));

        string path = Assert.Single(_bed.Objects);
        Assert.EndsWith($"/objects/{hash.Hex[..2]}/{hash.Hex[2..4]}/{hash.Hex}", path, StringComparison.Ordinal);
        Assert.Equal(SealedLayout.SealedLength(length), new FileInfo(path).Length);
        Assert.Equal(length, SealedLayout.ContentLength(new FileInfo(path).Length));
        Assert.Empty(_bed.Uploads);
    }

    [Fact]
    public async Task Content_inBlocksOfAnyLength_comesBack()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content((9 * Segment) + 123);
        foreach (int block in new[] { 1_000, Segment - 1, Segment, Segment + 1, (4 * Segment) - 1, 4 * Segment, (4 * Segment) + 1, 7 * Segment })
        {
            await using var upload = store.BeginOne();
            await upload.AppendAsync(new ScriptedStream(content, block), StoreBed.NoLimit, default).DoneAsync();
            await upload.PublishAsync(default).DoneAsync();
            Assert.Equal(StoreBed.HashOf(content), upload.Hash);
            Assert.Equal(content, await store.ReadAsync(upload.Hash!.Value));
            await store.DeleteAsync(store.NameOf(upload.Hash.Value)).DoneAsync();
        }
    }

    [Fact]
    public void SealedLengths_ofOneContentEach_areTakenBackToIt_andOthersAreNone()
    {
        var lengths = Enumerable.Range(0, (2 * Segment) + 3).ToDictionary(length => SealedLayout.SealedLength(length), length => (long)length);
        Assert.Equal((2 * Segment) + 3, lengths.Count);
        for (long length = -1; length < SealedLayout.SealedLength((2 * Segment) + 2); length++)
        {
            Assert.Equal(lengths.GetValueOrDefault(length, -1), SealedLayout.ContentLength(length));
        }

        Assert.Equal(-1, SealedLayout.ContentLength(long.MaxValue));
        Assert.Equal(SealedLayout.MaxLength, SealedLayout.ContentLength(SealedLayout.SealedLength(SealedLayout.MaxLength)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3 * Segment)]
    [InlineData((3 * Segment) + 5)]
    public async Task Ranges_ofEveryKind_areExactlyWhatWasAskedFor(int length)
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(length);
        ContentHash hash = await store.PutAsync(content);
        int[] edges = [.. new[] { 0, 1, 100, Segment - 1, Segment, Segment + 1, 2 * Segment, (3 * Segment) - 1, 3 * Segment, length - 1, length }
            .Where(edge => edge >= 0 && edge <= length).Distinct()];
        foreach (int from in edges)
        {
            foreach (int to in edges.Where(to => to >= from))
            {
                byte[] part = await store.ReadAsync(hash, null, from, to - from);
                Assert.True(content.AsSpan(from..to).SequenceEqual(part), $"{from} to {to}");
            }
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.ReadAsync(hash, null, 0, length + 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.ReadAsync(hash, null, -1, 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.ReadAsync(hash, null, length, long.MaxValue));
    }

    [Fact]
    public async Task Range_readsItsOwnSegmentsOnly()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(5 * Segment);
        ContentHash hash = await store.PutAsync(content);
        Change(bytes => bytes[SealedLayout.Offset(0)] ^= 1);
        Change(bytes => bytes[SealedLayout.Offset(3)] ^= 1);
        Assert.Equal(content[Segment..(3 * Segment)], await store.ReadAsync(hash, null, Segment, 2 * Segment));
        Assert.Equal(content[(4 * Segment)..], await store.ReadAsync(hash, null, 4 * Segment));

        // Up to the segment that is not right, and not a byte of it.
        (StoreOutcome outcome, byte[] part) = await store.TryReadAsync(hash, null, 2 * Segment);
        Assert.Equal(StoreStatus.Damaged, outcome.Status);
        Assert.Equal(content[(2 * Segment)..(3 * Segment)], part);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(21)]
    public async Task EveryBit_thatIsFlipped_isNoticed(int length)
    {
        FileStore store = await _bed.OpenAsync();
        ContentHash hash = await store.PutAsync(StoreBed.Content(length));
        string path = Assert.Single(_bed.Objects);
        byte[] right = await File.ReadAllBytesAsync(path);
        Assert.Equal(SealedHeader.Length + length + SealedLayout.TagLength, right.Length);
        for (int bit = 0; bit < 8 * right.Length; bit++)
        {
            byte[] wrong = [.. right];
            wrong[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(path, wrong);
            await RefusedAsync(store, hash, $"bit {bit}");
        }
    }

    [Fact]
    public async Task FileThatIsCutOff_anywhere_isNoticedBeforeAnythingIsRead()
    {
        FileStore store = await _bed.OpenAsync();
        ContentHash hash = await store.PutAsync(StoreBed.Content((3 * Segment) + 100));
        string path = Assert.Single(_bed.Objects);
        byte[] right = await File.ReadAllBytesAsync(path);
        long[] borders = [0, SealedHeader.Length, .. Enumerable.Range(0, 4).Select(number => SealedLayout.Offset(number)), right.Length];
        foreach (long length in borders.SelectMany(border => new[] { border - 17, border - 16, border - 1, border, border + 1, border + 16, border + 17 }))
        {
            if (length >= 0 && length < right.Length)
            {
                await File.WriteAllBytesAsync(path, right[..(int)length]);
                await RefusedAsync(store, hash, $"cut off at {length}");
            }
        }

        await File.WriteAllBytesAsync(path, [.. right, 0]);
        await RefusedAsync(store, hash, "a byte more");
        await File.WriteAllBytesAsync(path, [.. right, .. right[SealedHeader.Length..]]);
        await RefusedAsync(store, hash, "all segments twice");
    }

    [Fact]
    public async Task SegmentsOfOneFile_swapped_orTwice_orMissing_areNoticed()
    {
        FileStore store = await _bed.OpenAsync();
        ContentHash hash = await store.PutAsync(StoreBed.Content(4 * Segment));
        string path = Assert.Single(_bed.Objects);
        byte[] right = await File.ReadAllBytesAsync(path);
        for (int one = 0; one < 4; one++)
        {
            for (int other = 0; other < 4; other++)
            {
                if (one == other)
                {
                    continue;
                }

                byte[] wrong = [.. right];
                Of(right, one).CopyTo(Of(wrong, other));
                await File.WriteAllBytesAsync(path, wrong);
                await RefusedAsync(store, hash, $"segment {one} in place of {other}, too");
                Of(right, other).CopyTo(Of(wrong, one));
                await File.WriteAllBytesAsync(path, wrong);
                await RefusedAsync(store, hash, $"segments {one} and {other} swapped");
            }
        }

        static Span<byte> Of(byte[] bytes, int number) => bytes.AsSpan((int)SealedLayout.Offset(number), SealedSegment);
    }

    [Fact]
    public async Task SegmentOrHeader_ofAnotherFile_isNoticed_asIsAnotherFilesName()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(2 * Segment), other = [.. content];
        other[^1] ^= 1;
        ContentHash hash = await store.PutAsync(content), otherHash = await store.PutAsync(other);
        string path = _bed.Objects.Single(path => path.EndsWith(hash.Hex, StringComparison.Ordinal));
        string otherPath = _bed.Objects.Single(path => path.EndsWith(otherHash.Hex, StringComparison.Ordinal));
        byte[] right = await File.ReadAllBytesAsync(path), wrong = await File.ReadAllBytesAsync(otherPath);
        int border = (int)SealedLayout.Offset(1);

        // The first segments have the same content, but not the same key.
        await File.WriteAllBytesAsync(path, [.. right[..SealedHeader.Length], .. wrong[SealedHeader.Length..border], .. right[border..]]);
        await RefusedAsync(store, hash, "another's segment");
        await File.WriteAllBytesAsync(path, [.. wrong[..SealedHeader.Length], .. right[SealedHeader.Length..]]);
        await RefusedAsync(store, hash, "another's header");
        await File.WriteAllBytesAsync(path, wrong);
        await RefusedAsync(store, hash, "another whole file");
        await File.WriteAllBytesAsync(path, right);
        Assert.Equal(content, await store.ReadAsync(hash));
    }

    [Fact]
    public async Task Token_isNeeded_andMakesAnotherFileOfTheSameContent()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(Segment + 1);
        FileSecret token = StoreBed.Token(1), other = StoreBed.Token(2);
        ContentHash hash = await store.PutAsync(content, token);
        Assert.DoesNotContain(hash.Hex, Assert.Single(_bed.Objects), StringComparison.Ordinal);
        Assert.Equal(StoreStatus.Missing, (await store.TryReadAsync(hash)).Outcome.Status);
        Assert.Equal(StoreStatus.Missing, (await store.TryReadAsync(hash, other)).Outcome.Status);

        await store.PutAsync(content);
        await store.PutAsync(content, other);
        await store.PutAsync(content, token);
        Assert.Equal(3, _bed.Objects.Length);
        Assert.Equal(content, await store.ReadAsync(hash));
        Assert.Equal(content, await store.ReadAsync(hash, token));

        // One in another's place.
        File.Copy(PathOf(token), PathOf(other), overwrite: true);
        (StoreOutcome outcome, byte[] part) = await store.TryReadAsync(hash, other);
        Assert.Equal((StoreStatus.WrongKey, 0), (outcome.Status, part.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => FileSecret.Token(new byte[15]));

        string PathOf(FileSecret secret) => Path.Combine(_bed.Options.Directory!, "objects", store.NameOf(hash, secret).Path);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("../../../../../../../../../../../../../../../../../../../etc/passwd")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0")]
    [InlineData("0123456789abcdef0123456789abcdef/123456789abcdef0123456789abcdef")]
    public void Case51_whatIsNoHash_isNone(string? text) => Assert.False(ContentHash.TryParse(text, out _));

    [Fact]
    public void Segment_opensAsItselfOnly_andNothingOfAnotherIsGivenOut()
    {
        byte[] salt = StoreBed.Content(SealedHeader.SaltLength), content = StoreBed.Content(100);
        FileSecret secret = FileSecret.Master(StoreBed.Content(32));
        using FileKey key = secret.KeyOf(salt, FileKey.Content), again = secret.KeyOf(salt, FileKey.Content);
        using FileKey otherSalt = secret.KeyOf(StoreBed.Content(SealedHeader.SaltLength, 2), FileKey.Content), otherPurpose = secret.KeyOf(salt, "upload");
        using FileKey token = FileSecret.Token(StoreBed.Content(32)).KeyOf(salt, FileKey.Content);
        byte[] segment = new byte[content.Length + SealedLayout.TagLength];
        foreach ((long number, bool isLast) in new[] { (0L, false), (0L, true), (1L, false), (256L, false), (1L << 32, true) })
        {
            key.Seal(number, isLast, content, segment);
            Assert.True(Opens(again, number, isLast));
            Assert.False(Opens(key, number, !isLast));
            Assert.False(Opens(key, number + 1, isLast));
            Assert.False(Opens(key, number ^ (1L << 40), isLast));
            Assert.All([otherSalt, otherPurpose, token], other => Assert.False(Opens(other, number, isLast)));
        }

        bool Opens(FileKey by, long number, bool isLast)
        {
            byte[] opened = new byte[content.Length];
            bool opens = by.TryOpen(number, isLast, segment, opened);
            Assert.Equal(opens ? content : new byte[content.Length], opened);
            return opens;
        }
    }

    [Fact]
    public async Task EqualContents_areNotEqualOnTheDisk()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = new byte[3 * Segment];
        await store.PutAsync(content);
        byte[] bytes = await File.ReadAllBytesAsync(Assert.Single(_bed.Objects));
        var blocks = bytes.Skip(SealedHeader.Length).Chunk(16).Select(Convert.ToHexString).ToList();
        Assert.Equal(blocks.Count, blocks.Distinct().Count());
    }

    public void Dispose() => _bed.Dispose();

    private static async Task RefusedAsync(FileStore store, ContentHash hash, string what)
    {
        (StoreOutcome outcome, StoredFile? file) = await store.OpenAsync(hash);
        if (file is not null)
        {
            await using (file)
            {
                using var content = new MemoryStream();
                outcome = await file.CopyToAsync(0, file.Length, content, default);
                Assert.True(content.Length < Math.Max(file.Length, 1), $"{what}: all of it was read");
            }
        }

        Assert.True(outcome.Status is StoreStatus.Damaged or StoreStatus.WrongKey && outcome.Reason.Length > 0, $"{what}: {outcome}");
    }

    private void Change(Action<byte[]> change)
    {
        string path = Assert.Single(_bed.Objects);
        byte[] bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }
}
