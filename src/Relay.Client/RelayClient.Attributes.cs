using System.Text;
using Relay.Client.Transport;
using Relay.Protocol.Frames;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Client;

/// <content>Writing attributes. protocol-spec.md §11.4.</content>
public sealed partial class RelayClient
{
    /// <summary>
    /// Sets the whole value of an attribute, which comes into being if there is none. Who may: its writers, or if it is new the owner of
    /// its target; moderators always. Needs <see cref="RoomPermissions.SendEvents"/>. protocol-spec.md §11.4.
    /// </summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key: 1 to 64 bytes of UTF-8 without control characters.</param>
    /// <param name="value">The value: at most <see cref="RoomInfo.MaxValue"/> bytes, by default 16 levels and 1,024 parts.</param>
    /// <param name="terms">How it behaves, who sees it, who may write it; default <c>null</c>: it keeps what it has, or gets
    /// <see cref="AttributeTerms.Default"/>.</param>
    /// <param name="expected">The version that it must have, 0 if it must not exist; default <c>null</c>: any, the last to write
    /// wins.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <returns>The version that it has now.</returns>
    /// <exception cref="RelayException">Refused: 4403, 4404 (no such object or member), 4412 (limit: the version expected, value: the
    /// present one, 0 if there is none), 4413 (limit and value in bytes), 4414 (levels), 4421 (value: who has locked the object), 4422
    /// (limit and value as the text says), 4432 (too many attributes or bytes), 4439, 4500, 4410 outside a room, 4429; or too much waits
    /// while away (1013), the message is too long (1009), the answer was lost (1006), or the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">The key does not fit 255 bytes, or the terms are none.</exception>
    public Task<ulong> SetAttributeAsync(
        AttributeTarget target,
        string key,
        PackedValue value,
        AttributeTerms? terms = null,
        ulong? expected = null,
        CancellationToken cancellationToken = default) =>
        WriteAsync(AttributeOperation.Set, target, key, [], value, terms, expected, cancellationToken);

    /// <summary>
    /// Sets the value at a path inside the map that an attribute is, and leaves the rest as it is. Maps on the way are made, and so is the
    /// attribute. Who may: as for <see cref="SetAttributeAsync"/>. protocol-spec.md §11.4.
    /// </summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key.</param>
    /// <param name="path">The keys that lead to the place, outermost first; at least one. All of them take at most 255 bytes, each one to
    /// five more than its UTF-8.</param>
    /// <param name="value">The value at that place.</param>
    /// <param name="terms">As for <see cref="SetAttributeAsync"/>.</param>
    /// <param name="expected">As for <see cref="SetAttributeAsync"/>.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <returns>The version that the attribute has now.</returns>
    /// <exception cref="RelayException">As for <see cref="SetAttributeAsync"/>, of which the limits hold for the whole map; 4422 also if
    /// something on the path is not a map.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">Key or path do not fit 255 bytes, or the terms are none.</exception>
    public Task<ulong> MergeAttributeAsync(
        AttributeTarget target,
        string key,
        IEnumerable<string> path,
        PackedValue value,
        AttributeTerms? terms = null,
        ulong? expected = null,
        CancellationToken cancellationToken = default) =>
        WriteAsync(AttributeOperation.Merge, target, key, PathOf(path), value, terms, expected, cancellationToken);

    /// <summary>Removes what is at a path inside the map that an attribute is. It is no error if nothing is there. Who may: as for
    /// <see cref="SetAttributeAsync"/>. protocol-spec.md §11.4.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key.</param>
    /// <param name="path">As for <see cref="MergeAttributeAsync"/>.</param>
    /// <param name="expected">As for <see cref="SetAttributeAsync"/>.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <returns>The version that the attribute has now.</returns>
    /// <exception cref="RelayException">As for <see cref="MergeAttributeAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">Key or path do not fit 255 bytes.</exception>
    public Task<ulong> RemoveFromAttributeAsync(
        AttributeTarget target,
        string key,
        IEnumerable<string> path,
        ulong? expected = null,
        CancellationToken cancellationToken = default) =>
        WriteAsync(AttributeOperation.RemovePath, target, key, PathOf(path), default, terms: null, expected, cancellationToken);

    /// <summary>Deletes an attribute. Who may: as for <see cref="SetAttributeAsync"/>. protocol-spec.md §11.4.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key.</param>
    /// <param name="expected">As for <see cref="SetAttributeAsync"/>.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">As for <see cref="SetAttributeAsync"/>; 4404 also if there is no such attribute.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">The key does not fit 255 bytes.</exception>
    public Task DeleteAttributeAsync(
        AttributeTarget target, string key, ulong? expected = null, CancellationToken cancellationToken = default) =>
        WriteAsync(AttributeOperation.Delete, target, key, [], default, terms: null, expected, cancellationToken);

    private static byte[] PathOf(IEnumerable<string> path)
    {
        string[] keys = [.. path];
        byte[] room = new byte[keys.Sum(static key => 5 + Encoding.UTF8.GetByteCount(key))];
        var writer = new MessagePackWriter(room);
        foreach (string key in keys)
        {
            writer.WriteString(key.AsSpan());
        }

        return writer.Written <= byte.MaxValue
            ? room[..writer.Written]
            : throw new ArgumentException($"A path takes at most 255 bytes; this one takes {writer.Written}.", nameof(path));
    }

    private Task<ulong> WriteAsync(
        AttributeOperation operation,
        AttributeTarget target,
        string key,
        byte[] path,
        PackedValue value,
        AttributeTerms? terms,
        ulong? expected,
        CancellationToken cancellationToken)
    {
        byte[] frame = new byte[SetAttribute.MaxOverhead + value.Bytes.Length];
        var writer = new FrameWriter(frame);
        new SetAttribute
        {
            Operation = operation,
            Target = target,
            Expected = expected,
            Terms = terms,
            KeyUtf8 = ShortText.Encode(key, "A key", nameof(key)),
            Path = path,
            Value = value.Bytes.Span,
        }.Write(ref writer);
        return SetAttribute.TryRead(frame.AsSpan(FrameHeader.Size, writer.Written - FrameHeader.Size), out _) == ReadStatus.Ok
            ? AskAsync(Draft.From(frame, writer.Written), cancellationToken)
            : throw new ArgumentException("There is no such target, or there are no such terms.", nameof(terms));
    }
}
