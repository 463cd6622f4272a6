using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>Bodies of §11 with values that have no meaning, counts that promise too much, and bytes that are left over.</summary>
public class MalformedStateTests
{
    private static readonly byte[] Anything = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    [Fact]
    public void Actions_and_operations_that_are_not_listed_are_refused()
    {
        foreach (byte value in Anything)
        {
            Assert.Equal(Expected(value <= 4), Read(FrameType.Claim, [1, 5, value, 0]));
            Assert.Equal(Expected(value <= 10), Read(FrameType.Manage, [1, value, 0, 0, 0]));
        }

        // Set and merge end with a value; the bits above say what stands in front of the key.
        for (int operation = 0; operation <= byte.MaxValue; operation++)
        {
            byte[] expected = (operation & 4) != 0 ? [9] : [];
            byte[] terms = (operation & 8) != 0 ? [0, 0, 1] : [];
            byte[] path = (operation & 3) is 1 or 2 ? [2, 0xA1, 0x61] : [];
            byte[] value = (operation & 3) is 0 or 1 ? [0xC0] : [];
            byte[] body = [1, (byte)operation, 0, .. expected, .. terms, 1, 0x6B, .. path, .. value];
            Assert.Equal(Expected(operation <= 15), Read(FrameType.SetAttribute, body));
        }
    }

    [Fact]
    public void Flags_of_a_new_object_are_those_that_a_client_may_set()
    {
        foreach (byte flags in Anything)
        {
            // An empty name and parent 0 look alike, so one body serves both.
            Assert.Equal(Expected((flags & ~0b1_0111) == 0), Read(FrameType.CreateObject, [1, flags, 0, 0, 0, 0]));
        }
    }

    [Fact]
    public void Fields_and_flags_of_an_update_that_have_no_meaning_are_refused()
    {
        for (int fields = 0; fields <= byte.MaxValue; fields++)
        {
            byte[] parts = new byte[int.PopCount(fields & 15)];
            Assert.Equal(Expected(fields <= 15), Read(FrameType.UpdateObject, [1, 5, (byte)fields, .. parts]));
        }

        foreach (byte flags in Anything)
        {
            Assert.Equal(Expected((flags & ~0b101) == 0), Read(FrameType.UpdateObject, [1, 5, 8, flags]));
        }
    }

    [Fact]
    public void Target_has_the_ids_that_its_kind_names()
    {
        byte[][] ids = [[], [1], [2], [1, 2]];
        foreach (byte kind in Anything)
        {
            byte[] own = kind < 4 ? ids[kind] : [];
            Assert.Equal(Expected(kind < 4), Read(FrameType.SetAttribute, [1, 3, kind, .. own, 1, 0x6B]));
            Assert.Equal(Expected(kind < 4), Read(FrameType.State, [0, 1, 1, 4, kind, .. own, 1, 0x6B]));
        }
    }

    [Fact]
    public void Terms_and_access_that_have_no_meaning_are_refused()
    {
        foreach (byte value in Anything)
        {
            byte[] argument = value is 2 or 3 ? [7] : [];
            Assert.Equal(Expected(value <= 7), Read(FrameType.CreateObject, [1, 0, 0, 0, 0, 1, value, 0, 0, 0, 0]));
            Assert.Equal(Expected(value <= 3), Read(FrameType.CreateObject, [1, 0, 0, 0, 0, 1, 0, value, .. argument, 0, 0, 0]));
            Assert.Equal(Expected(value <= 3), Read(FrameType.CreateObject, [1, 0, 0, 0, 0, 1, 0, 0, value, .. argument, 0, 0]));
        }
    }

    [Fact]
    public void State_entries_of_kinds_that_are_not_listed_are_refused()
    {
        byte[][] entries =
        [
            [5, 0, 0, 0, 0, 0, 0],
            [5],
            [0, 1, 0x6B, 0, 0, 1, 9, 7, 1, 0xC0],
            [0, 1, 0x6B, 9, 7, 2, 0xA1, 0x61, 1, 0xC0],
            [0, 1, 0x6B],
        ];
        foreach (byte kind in Anything)
        {
            byte[] rest = kind < entries.Length ? entries[kind] : [5];
            Assert.Equal(Expected(kind < entries.Length), Read(FrameType.State, [0, 1, 1, kind, .. rest]));
        }
    }

    [Fact]
    public void Object_in_a_state_entry_has_what_its_flags_name()
    {
        for (int flags = 0; flags <= byte.MaxValue; flags++)
        {
            byte[] holder = (flags & 8) != 0 ? [7] : [];
            byte[] slot = (flags & 2) != 0 ? [6, 1] : [];
            byte[] awaited = (flags & 16) != 0 ? [1, 0x64] : [];
            byte[] body = [0, 1, 1, 0, 5, (byte)flags, 0, 7, 7, .. holder, .. slot, 0, 0, .. awaited];
            Assert.Equal(Expected(flags <= 31), Read(FrameType.State, body));
            if (flags <= 31)
            {
                Assert.Equal(ReadStatus.TrailingBytes, Read(FrameType.State, [.. body, 0]));
                Assert.Equal(ReadStatus.Truncated, Read(FrameType.State, body[..^1]));
            }
        }
    }

    [Fact]
    public void Presence_entries_of_kinds_and_standings_that_are_not_listed_are_refused()
    {
        byte[][] entries = [[5, 1, 0, 0, 0], [0xE8, 3], [1, 0]];
        foreach (byte value in Anything)
        {
            byte[] rest = value < entries.Length ? entries[value] : [0, 0];
            Assert.Equal(Expected(value < entries.Length), Read(FrameType.Presence, [0, 1, 1, value, 8, .. rest]));
            Assert.Equal(Expected(value <= 3), Read(FrameType.Presence, [0, 1, 1, 0, 8, 5, 1, 0, value, 0]));
            Assert.Equal(Expected(value <= 3), Read(FrameType.Presence, [0, 1, 1, 2, 8, 1, value]));
        }
    }

    [Fact]
    public void Audiences_that_are_not_listed_are_refused()
    {
        byte[][] brackets = [[], [], [8], [12], [0, 0, 0xF0, 0x40]];
        foreach (byte audience in Anything)
        {
            byte[] bracket = audience < brackets.Length ? brackets[audience] : [];
            Assert.Equal(Expected(audience < brackets.Length), Read(FrameType.SendEvent, [1, audience, .. bracket, 1, 0xC0]));
            Assert.Equal(Expected(audience < brackets.Length), Read(FrameType.Event, [1, audience, 7, 1, 0xC0]));
        }
    }

    [Fact]
    public void Radius_that_is_no_number_is_well_formed()
    {
        // It is refused with Error 4422, which a malformed body could not be.
        foreach (float radius in new[] { float.NaN, float.PositiveInfinity, -1f, 0f })
        {
            Assert.Equal(ReadStatus.Ok, Read(FrameType.SendEvent, [1, 4, .. BitConverter.GetBytes(radius), 1, 0xC0]));
        }
    }

    [Fact]
    public void Place_of_what_is_not_placed_and_value_of_what_is_not_set_are_left_over()
    {
        Assert.Equal(ReadStatus.Ok, Read(FrameType.CreateObject, [1, 2, 0, 0, 0, 0, 0xAA]));
        Assert.Equal(ReadStatus.TrailingBytes, Read(FrameType.CreateObject, [1, 0, 0, 0, 0, 0, 0xAA]));
        Assert.Equal(ReadStatus.TrailingBytes, Read(FrameType.SetAttribute, [1, 2, 0, 1, 0x6B, 2, 0xA1, 0x61, 0xC0]));
        Assert.Equal(ReadStatus.TrailingBytes, Read(FrameType.SetAttribute, [1, 3, 0, 1, 0x6B, 0xC0]));
    }

    [Fact]
    public void Ids_and_masks_that_do_not_fit_32_bits_are_refused()
    {
        byte[] wide = [0x80, 0x80, 0x80, 0x80, 0x10];
        Assert.Equal(ReadStatus.BadInteger, Read(FrameType.CreateObject, [1, 0, .. wide, 0, 0, 0]));
        Assert.Equal(ReadStatus.BadInteger, Read(FrameType.RemoveObject, [1, .. wide]));
        Assert.Equal(ReadStatus.BadInteger, Read(FrameType.Claim, [1, 5, 0, .. wide]));
        Assert.Equal(ReadStatus.BadInteger, Read(FrameType.Manage, [1, 8, 7, .. wide, 0]));
        Assert.Equal(ReadStatus.BadInteger, Read(FrameType.SendEvent, [1, 3, .. wide, 1]));
        Assert.Equal(ReadStatus.BadInteger, Read(FrameType.SetAttribute, [1, 8, 0, 0, 3, .. wide, 0, 1, 0x6B, 0xC0]));
        Assert.Equal(ReadStatus.BadInteger, Read(FrameType.State, [0, 1, 1, 1, .. wide]));

        // Versions have 64 bits.
        byte[] widest = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
        Assert.Equal(ReadStatus.Ok, Read(FrameType.Done, [1, .. widest]));
        Assert.Equal(ReadStatus.Ok, Read(FrameType.SetAttribute, [1, 4, 0, .. widest, 1, 0x6B, 0xC0]));
        Assert.Equal(ReadStatus.Ok, Read(FrameType.State, [0, 1, 1, 2, 0, 1, 0x6B, 0, 0, 1, .. widest, 7, 1, 0xC0]));
    }

    private static ReadStatus Expected(bool allowed) => allowed ? ReadStatus.Ok : ReadStatus.BadValue;

    private static ReadStatus Read(FrameType type, byte[] body) => DecodedMessage.Read(type, body, RoomSpace.Default)!.Status;
}
