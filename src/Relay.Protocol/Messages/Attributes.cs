using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>How an attribute behaves. protocol-spec.md §11.2.</summary>
[Flags]
public enum AttributeFlags : byte
{
    /// <summary>It stays as long as what it is of.</summary>
    None = 0,

    /// <summary>It vanishes when whoever wrote it last leaves the room.</summary>
    Ephemeral = 1,

    /// <summary>A clone of the object gets a copy.</summary>
    Cloneable = 2,

    /// <summary>It is stored, if the room is.</summary>
    Persistent = 4,
}

/// <summary>The terms of an attribute: how it behaves, who sees it, who may write it.</summary>
/// <remarks>Wire: <c>u8 flags | access readers | access writers</c>.</remarks>
/// <param name="Flags">How it behaves.</param>
/// <param name="Readers">Who is told of it. Default everyone.</param>
/// <param name="Writers">Who may write it. The type's default is everyone; an attribute that is set without terms gets
/// <see cref="Default"/>.</param>
public readonly record struct AttributeTerms(AttributeFlags Flags, Access Readers, Access Writers)
{
    /// <summary>The most bytes that they take.</summary>
    public const int MaxSize = 1 + Access.MaxSize + Access.MaxSize;

    private const AttributeFlags Known = AttributeFlags.Ephemeral | AttributeFlags.Cloneable | AttributeFlags.Persistent;

    /// <summary>What an attribute gets that is set without terms: everyone sees it, the owner of its target writes it.</summary>
    public static AttributeTerms Default => new(AttributeFlags.None, new Access(AccessKind.Everyone), new Access(AccessKind.Owner));

    /// <summary>Writes them.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.WriteByte((byte)Flags);
        Readers.Write(ref writer);
        Writers.Write(ref writer);
    }

    internal static AttributeTerms Read(scoped ref BodyReader reader)
    {
        var flags = (AttributeFlags)reader.ReadByte();
        if ((flags & ~Known) != 0)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        Access readers = Access.Read(ref reader);
        return new AttributeTerms(flags, readers, Access.Read(ref reader));
    }
}

/// <summary>What a <see cref="SetAttribute"/> does.</summary>
public enum AttributeOperation : byte
{
    /// <summary>Sets the whole value.</summary>
    Set = 0,

    /// <summary>Sets the value at a path inside the map that the attribute is; maps on the way are made.</summary>
    Merge = 1,

    /// <summary>Removes what is at a path inside the map that the attribute is.</summary>
    RemovePath = 2,

    /// <summary>Deletes the attribute.</summary>
    Delete = 3,
}

/// <summary>Client → server, reliable: write an attribute. protocol-spec.md §11.4.</summary>
/// <remarks>Body: <c>varint sequence | u8 operation | target | [varint expected] | [terms] | string8 key | [bytes8 path] | value…</c>. The
/// operation's bits 0 and 1 are <see cref="AttributeOperation"/>, bit 2 says that <c>expected</c> is there, bit 3 that <c>terms</c>
/// are. The path is there for Merge and RemovePath; the value, the rest of the body, for Set and Merge.</remarks>
public readonly ref struct SetAttribute
{
    /// <summary>The most bytes that a whole frame takes beside the value.</summary>
    public const int MaxOverhead =
        FrameHeader.Size + 10 + 1 + AttributeTarget.MaxSize + 10 + AttributeTerms.MaxSize + 1 + byte.MaxValue + 1 + byte.MaxValue;

    private const byte OperationMask = 3;
    private const byte HasExpected = 4;
    private const byte HasTerms = 8;

    /// <summary>The message's place among the client's numbered messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>What to do.</summary>
    public AttributeOperation Operation { get; init; }

    /// <summary>What the attribute is of.</summary>
    public AttributeTarget Target { get; init; }

    /// <summary>The version that the attribute must have for this to be done, 0 for "it must not exist"; null for any.</summary>
    public ulong? Expected { get; init; }

    /// <summary>New terms; null keeps those it has, or gives a new attribute <see cref="AttributeTerms.Default"/>.</summary>
    public AttributeTerms? Terms { get; init; }

    /// <summary>The attribute's key, in UTF-8.</summary>
    public ReadOnlySpan<byte> KeyUtf8 { get; init; }

    /// <summary>Merge and RemovePath: the keys that lead to the place, each as a MessagePack str, nothing between.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    /// <summary>Set and Merge: one MessagePack value.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    private bool HasPath => Operation is AttributeOperation.Merge or AttributeOperation.RemovePath;

    /// <summary>Reads a body. Key, path and value are the caller's to check.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out SetAttribute message)
    {
        var reader = new BodyReader(body);
        ulong sequence = reader.ReadVarint();
        byte bits = reader.ReadByte();
        if (bits > (OperationMask | HasExpected | HasTerms))
        {
            reader.Fail(ReadStatus.BadValue);
        }

        var operation = (AttributeOperation)(bits & OperationMask);
        AttributeTarget target = AttributeTarget.Read(ref reader);
        ulong? expected = (bits & HasExpected) != 0 ? reader.ReadVarint() : null;
        AttributeTerms? terms = (bits & HasTerms) != 0 ? AttributeTerms.Read(ref reader) : null;
        ReadOnlySpan<byte> key = reader.ReadUtf8String8();
        ReadOnlySpan<byte> path = operation is AttributeOperation.Merge or AttributeOperation.RemovePath ? reader.ReadBytes8() : default;
        message = new SetAttribute
        {
            Sequence = sequence,
            Operation = operation,
            Target = target,
            Expected = expected,
            Terms = terms,
            KeyUtf8 = key,
            Path = path,
            Value = operation is AttributeOperation.Set or AttributeOperation.Merge ? reader.TakeRest() : default,
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteByte((byte)((byte)Operation | (Expected is null ? 0 : HasExpected) | (Terms is null ? 0 : HasTerms)));
        Target.Write(ref writer);
        if (Expected is { } expected)
        {
            writer.WriteVarint(expected);
        }

        Terms?.Write(ref writer);
        writer.WriteBytes8(KeyUtf8);
        if (HasPath)
        {
            writer.WriteBytes8(Path);
        }

        if (Operation is AttributeOperation.Set or AttributeOperation.Merge)
        {
            writer.WriteRaw(Value);
        }

        writer.EndFrame(FrameType.SetAttribute);
    }
}
