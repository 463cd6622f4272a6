using System.Globalization;
using System.Text;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Print;

/// <summary>What a frame says, in one line.</summary>
internal sealed class FrameText(RoomSpace space, bool verbose)
{
    /// <summary>Entries of a list that are shown, unless all are wanted.</summary>
    private const int ShortList = 3;

    private readonly StringBuilder _text = new();

    /// <summary>Decodes a frame.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="body">Its body.</param>
    /// <param name="text">What it says; meaningless unless the answer is Ok.</param>
    public ReadStatus Describe(FrameType type, ReadOnlySpan<byte> body, out string text)
    {
        _text.Clear();
        ReadStatus status = type switch
        {
            FrameType.Presence => Presence(body),
            FrameType.SendEvent => SendEvent(body),
            FrameType.Event => Event(body),
            FrameType.TransformUpdate => Update(body),
            FrameType.TransformBatch => Batch(body),
            FrameType.CreateObject => Create(body),
            FrameType.UpdateObject => Change(body),
            FrameType.RemoveObject => Remove(body),
            FrameType.CloneObject => Clone(body),
            FrameType.Claim => Claim(body),
            FrameType.SetAttribute => Set(body),
            FrameType.Manage => Manage(body),
            FrameType.State => State(body),
            _ => Unknown(body),
        };
        text = _text.ToString();
        return status;
    }

    private ReadStatus Presence(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.Presence.TryRead(body, out Presence message);
        Head(message.Flags, message.Sequence, message.Version);
        int shown = 0;
        while (status == ReadStatus.Ok && message.TryReadEntry(out PresenceEntry entry))
        {
            if (!IsShown(ref shown, message.Count))
            {
                break;
            }

            Say($"{Sign(entry.Kind)}{entry.Member}");
            if (entry.Kind == PresenceKind.Present)
            {
                Say($" {Words.Quoted(entry.NameUtf8)} slot {entry.Slot}.{entry.Generation}");
            }

            string standing = entry.Standing == MemberStanding.None ? string.Empty : " " + Lower(entry.Standing);
            Say(entry.Kind == PresenceKind.Left
                ? $" {(int)entry.Reason} {CloseCodes.Name(entry.Reason)}"
                : $" role {entry.Role}{standing}");
        }

        return status;
    }

    private static char Sign(PresenceKind kind) => kind switch
    {
        PresenceKind.Present => '+',
        PresenceKind.Left => '-',
        _ => '=',
    };

    private ReadStatus SendEvent(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.SendEvent.TryRead(body, out SendEvent message);
        Say($"s{message.Sequence} {Kind(message.Kind)} to ");
        Say(message.Audience switch
        {
            EventAudience.Member => $"member {message.Member}",
            EventAudience.Roles => $"roles 0x{message.Roles:X}",
            EventAudience.Nearby => $"those within {message.Radius:0.##} m",
            _ => Lower(message.Audience),
        });
        Say($": {Words.Value(message.Payload, verbose)}");
        return status;
    }

    private ReadStatus Event(ReadOnlySpan<byte> body)
    {
        ReadStatus status = RoomEvent.TryRead(body, out RoomEvent message);
        Say($"#{message.Sequence} {Kind(message.Kind)} from {message.Sender} to {Lower(message.Audience)}: ");
        Say(Words.Value(message.Payload, verbose));
        return status;
    }

    private static string Kind(uint kind) => kind < Protocol.Messages.SendEvent.FirstApplicationKind && Enum.IsDefined((SignalKind)kind)
        ? ((SignalKind)kind).ToString()
        : string.Create(CultureInfo.InvariantCulture, $"kind {kind}");

    private ReadStatus Update(ReadOnlySpan<byte> body)
    {
        ReadStatus status = TransformUpdate.TryRead(body, space, out TransformUpdate message);
        int shown = 0;
        while (status == ReadStatus.Ok && message.TryReadEntry(out TransformUpdateEntry entry))
        {
            if (!IsShown(ref shown, message.Count))
            {
                break;
            }

            Say($"slot {entry.Slot}.{entry.Generation} {Words.Place(space, entry.Value, entry.Extension, verbose)}");
        }

        return status;
    }

    private ReadStatus Batch(ReadOnlySpan<byte> body)
    {
        ReadStatus status = TransformBatch.TryRead(body, space, out TransformBatch message);
        Say($"v{message.Version} after #{message.Presupposes}{(message.Flags == BatchFlags.Reset ? " reset" : string.Empty)}");
        int removals = message.RemovalCount, shown = 0;
        if (removals > 0)
        {
            Say($", {removals} removed: ");
        }

        while (status == ReadStatus.Ok && message.TryReadRemoval(out uint slot))
        {
            if (IsShown(ref shown, removals))
            {
                Say($"{slot}");
            }
        }

        Say($", {message.Count} values");
        Say(message.Count > 0 ? ": " : string.Empty);
        shown = 0;
        while (status == ReadStatus.Ok && message.TryReadEntry(out TransformBatchEntry entry) && IsShown(ref shown, message.Count))
        {
            Say($"slot {entry.Slot} {Words.Place(space, entry.Value, entry.Extension, verbose)}");
        }

        return status;
    }

    private ReadStatus Create(ReadOnlySpan<byte> body)
    {
        ReadStatus status = CreateObject.TryRead(body, out CreateObject message);
        Say($"s{message.Sequence} {Words.Quoted(message.TypeUtf8)} {Words.Quoted(message.NameUtf8)}{Flags(message.Flags)} under ");
        Say((message.Flags & ObjectFlags.ParentByName) != 0 ? Words.Quoted(message.ParentNameUtf8) : $"{message.Parent}");
        if (status == ReadStatus.Ok && !message.Place.IsEmpty &&
            TransformRecord.TryRead(message.Place, space, out PackedTransform value, out TransformExtension extension) == ReadStatus.Ok)
        {
            Say($" at {Words.Place(space, value, extension, verbose)}");
        }

        int shown = 0;
        while (status == ReadStatus.Ok && message.TryReadAttribute(out InitialAttribute attribute))
        {
            _text.Append(shown == 0 ? "; " : string.Empty);
            if (!IsShown(ref shown, message.AttributeCount))
            {
                break;
            }

            Say($"{Words.Quoted(attribute.KeyUtf8)} = {Words.Value(attribute.Value, verbose)}");
            Say(verbose ? $" {Words.Terms(attribute.Terms)}" : string.Empty);
        }

        return status;
    }

    private ReadStatus Change(ReadOnlySpan<byte> body)
    {
        ReadStatus status = UpdateObject.TryRead(body, out UpdateObject message);
        Say($"s{message.Sequence} object {message.Object}");
        Say((message.Fields & ObjectFields.Parent) != 0 ? $" under {message.Parent}" : string.Empty);
        Say((message.Fields & ObjectFields.Type) != 0 ? $" type {Words.Quoted(message.TypeUtf8)}" : string.Empty);
        Say((message.Fields & ObjectFields.Name) != 0 ? $" name {Words.Quoted(message.NameUtf8)}" : string.Empty);
        Say((message.Fields & ObjectFields.Flags) != 0 ? $" flags {Lower(message.Flags)}" : string.Empty);
        return status;
    }

    private ReadStatus Remove(ReadOnlySpan<byte> body)
    {
        ReadStatus status = RemoveObject.TryRead(body, out RemoveObject message);
        Say($"s{message.Sequence} object {message.Object}");
        return status;
    }

    private ReadStatus Clone(ReadOnlySpan<byte> body)
    {
        ReadStatus status = CloneObject.TryRead(body, out CloneObject message);
        Say($"s{message.Sequence} object {message.Object} as {Words.Quoted(message.NameUtf8)} under {message.Parent}");
        return status;
    }

    private ReadStatus Claim(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.Claim.TryRead(body, out Claim message);
        Say($"s{message.Sequence} {Lower(message.Action)} object {message.Object}");
        Say(message.Action switch
        {
            ClaimAction.Take => $" from {message.Argument}",
            ClaimAction.Give => $" to {message.Argument}",
            ClaimAction.Lock when message.Argument > 0 => $" for {message.Argument} ms",
            _ => string.Empty,
        });
        return status;
    }

    private ReadStatus Set(ReadOnlySpan<byte> body)
    {
        ReadStatus status = SetAttribute.TryRead(body, out SetAttribute message);
        AttributeOperation operation = message.Operation;
        Say($"s{message.Sequence} {Lower(operation)} {Words.Quoted(message.KeyUtf8)} {Words.Target(message.Target)}");
        Say(operation is AttributeOperation.Merge or AttributeOperation.RemovePath ? $" at {Words.Path(message.Path)}" : string.Empty);
        Say(operation is AttributeOperation.Set or AttributeOperation.Merge ? $" = {Words.Value(message.Value, verbose)}" : string.Empty);
        Say(message.Expected is { } expected ? $" if v{expected}" : string.Empty);
        Say(message.Terms is { } terms ? $" {Words.Terms(terms)}" : string.Empty);
        return status;
    }

    private ReadStatus Manage(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.Manage.TryRead(body, out Manage message);
        Say($"s{message.Sequence} {Lower(message.Action)}");
        Say(message.Member != 0 ? $" member {message.Member}" : string.Empty);
        Say(message.Argument != 0 ? $" argument {message.Argument}" : string.Empty);
        Say(message.TextUtf8.IsEmpty ? string.Empty : $" {Words.Quoted(message.TextUtf8)}");
        return status;
    }

    private ReadStatus State(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.State.TryRead(body, out State message);
        Head(message.Flags, message.Sequence, message.Version);
        int shown = 0;
        while (status == ReadStatus.Ok && message.TryReadEntry(out StateEntry entry))
        {
            if (!IsShown(ref shown, message.Count))
            {
                break;
            }

            Entry(entry);
        }

        return status;
    }

    private void Entry(in StateEntry entry)
    {
        switch (entry.Kind)
        {
            case StateKind.Object:
                Say($"object {entry.Object} {Words.Quoted(entry.TypeUtf8)} {Words.Quoted(entry.NameUtf8)}{Flags(entry.ObjectFlags)}");
                Say($" under {entry.Parent} owner {entry.Owner} creator {entry.Creator}");
                Say((entry.ObjectFlags & ObjectFlags.Locked) != 0 ? $" lock {entry.LockHolder}" : string.Empty);
                Say((entry.ObjectFlags & ObjectFlags.Placed) != 0 ? $" slot {entry.Slot}.{entry.Generation}" : string.Empty);
                Say(entry.AwaitedParentUtf8.IsEmpty ? string.Empty : $" awaits {Words.Quoted(entry.AwaitedParentUtf8)}");
                break;
            case StateKind.ObjectRemoved:
                Say($"object {entry.Object} removed");
                break;
            case StateKind.AttributeRemoved:
                Say($"{Words.Quoted(entry.KeyUtf8)} {Words.Target(entry.Target)} removed");
                break;
            default:
                Say($"{Words.Quoted(entry.KeyUtf8)} {Words.Target(entry.Target)}");
                Say(entry.Kind == StateKind.AttributeMerged ? $" at {Words.Path(entry.Path)}" : string.Empty);
                Say(entry.Value.IsEmpty ? " removed" : $" = {Words.Value(entry.Value, verbose)}");
                Say($" v{entry.Version} by {entry.Author}");
                Say(verbose && entry.Kind == StateKind.Attribute ? $" {Words.Terms(entry.Terms)}" : string.Empty);
                break;
        }
    }

    private ReadStatus Unknown(ReadOnlySpan<byte> body)
    {
        Say($"{body.Length} bytes: {Words.Value(body, verbose)}");
        return ReadStatus.Ok;
    }

    private void Head(PresenceFlags flags, ulong sequence, ulong version)
    {
        Say($"#{sequence}");
        Say((flags & PresenceFlags.Snapshot) != 0 ? $" at v{version}" : string.Empty);
        Say((flags & PresenceFlags.First) != 0 ? " first" : string.Empty);
        Say((flags & PresenceFlags.Last) != 0 ? " last" : string.Empty);
        _text.Append(": ");
    }

    private static string Flags(ObjectFlags flags) =>
        flags == ObjectFlags.None ? string.Empty : " " + Lower(flags).Replace(", ", " ", StringComparison.Ordinal);

    /// <returns>Whether the next entry of a list is shown; the first that is not is told by a number.</returns>
    private bool IsShown(ref int shown, int count)
    {
        _text.Append(shown is > 0 and <= ShortList || (verbose && shown > 0) ? ", " : string.Empty);
        if (verbose || shown < ShortList)
        {
            shown++;
            return true;
        }

        if (shown == ShortList)
        {
            Say($"and {count - ShortList} more");
            shown++;
        }

        return false;
    }

    private static string Lower<T>(T word)
        where T : struct, Enum => word.ToString().ToLowerInvariant();

    private void Say(string text) => _text.Append(text);
}
