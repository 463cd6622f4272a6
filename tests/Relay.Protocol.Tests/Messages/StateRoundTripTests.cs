using FsCheck.Fluent;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Tests;

/// <content>The messages of room state, §11.</content>
public partial class MessageRoundTripTests
{
    private static readonly FsCheck.Gen<Values[]> Some = Gen.Choose(0, 12).SelectMany(count => Any.ArrayOf(count));

    [Fact]
    public void CreateObject_round_trips() => Properties.ForAll(
        from v in Any
        from attributes in Some
        select (v, attributes),
        given =>
        {
            (Values v, Values[] attributes) = given;
            const ObjectFlags Allowed = ObjectFlags.Persistent | ObjectFlags.Placed | ObjectFlags.Fixed | ObjectFlags.ParentByName;
            ObjectFlags flags = (ObjectFlags)v.P & Allowed;
            bool placed = (flags & ObjectFlags.Placed) != 0;
            bool byName = (flags & ObjectFlags.ParentByName) != 0;
            byte[] body = Body(
                FrameType.CreateObject,
                (ref FrameWriter writer) =>
                {
                    new CreateObject
                    {
                        Sequence = v.A,
                        Flags = flags,
                        Parent = v.I,
                        ParentNameUtf8 = v.Text,
                        TypeUtf8 = attributes.Length > 0 ? attributes[0].Text : default,
                        NameUtf8 = v.Text,
                    }.Begin(ref writer, attributes.Length);
                    foreach (Values a in attributes)
                    {
                        int before = writer.Written;
                        new InitialAttribute { Terms = TermsOf(a), KeyUtf8 = a.Text, Value = a.Long }.Write(ref writer);
                        Assert.InRange(writer.Written - before, InitialAttribute.MinSize, InitialAttribute.MaxOverhead + a.Long.Length);
                    }

                    writer.WriteRaw(placed ? v.Short : default);
                    writer.EndFrame(FrameType.CreateObject);
                },
                1 << 20);

            Assert.Equal(ReadStatus.Ok, CreateObject.TryRead(body, out CreateObject read));
            Assert.Equal((v.A, flags, byName ? 0 : v.I, attributes.Length), (read.Sequence, read.Flags, read.Parent, read.AttributeCount));
            AssertSame(byName ? v.Text : default, read.ParentNameUtf8);
            AssertSame(attributes.Length > 0 ? attributes[0].Text : default, read.TypeUtf8);
            AssertSame(v.Text, read.NameUtf8);
            AssertSame(placed ? v.Short : default, read.Place);
            foreach (Values a in attributes)
            {
                Assert.True(read.TryReadAttribute(out InitialAttribute attribute));
                Assert.Equal(TermsOf(a), attribute.Terms);
                AssertSame(a.Text, attribute.KeyUtf8);
                AssertSame(a.Long, attribute.Value);
            }

            Assert.False(read.TryReadAttribute(out _));
        },
        100);

    [Fact]
    public void UpdateObject_round_trips() => Properties.ForAll(Any, v =>
    {
        var fields = (ObjectFields)(v.P % 16);
        ObjectFlags flags = (ObjectFlags)v.Q & (ObjectFlags.Persistent | ObjectFlags.Fixed);
        byte[] body = Body(FrameType.UpdateObject, (ref FrameWriter writer) => new UpdateObject
        {
            Sequence = v.A,
            Object = v.I,
            Fields = fields,
            Parent = v.J,
            TypeUtf8 = v.Text,
            NameUtf8 = v.Text,
            Flags = flags,
        }.Write(ref writer));

        Assert.Equal(ReadStatus.Ok, UpdateObject.TryRead(body, out UpdateObject read));
        Assert.Equal((v.A, v.I, fields), (read.Sequence, read.Object, read.Fields));
        Assert.Equal((fields & ObjectFields.Parent) != 0 ? v.J : 0, read.Parent);
        AssertSame((fields & ObjectFields.Type) != 0 ? v.Text : default, read.TypeUtf8);
        AssertSame((fields & ObjectFields.Name) != 0 ? v.Text : default, read.NameUtf8);
        Assert.Equal((fields & ObjectFields.Flags) != 0 ? flags : ObjectFlags.None, read.Flags);
    });

    [Fact]
    public void RemoveObject_and_CloneObject_round_trip() => Properties.ForAll(Any, v =>
    {
        byte[] remove = Body(
            FrameType.RemoveObject, (ref FrameWriter writer) => new RemoveObject { Sequence = v.A, Object = v.I }.Write(ref writer));
        Assert.Equal(ReadStatus.Ok, RemoveObject.TryRead(remove, out RemoveObject removed));
        Assert.Equal((v.A, v.I), (removed.Sequence, removed.Object));

        byte[] clone = Body(FrameType.CloneObject, (ref FrameWriter writer) => new CloneObject
        {
            Sequence = v.A,
            Object = v.I,
            Parent = v.J,
            NameUtf8 = v.Text,
        }.Write(ref writer));
        Assert.Equal(ReadStatus.Ok, CloneObject.TryRead(clone, out CloneObject cloned));
        Assert.Equal((v.A, v.I, v.J), (cloned.Sequence, cloned.Object, cloned.Parent));
        AssertSame(v.Text, cloned.NameUtf8);
    });

    [Fact]
    public void Claim_round_trips() => Properties.ForAll(Any, v =>
    {
        var action = (ClaimAction)(v.P % 5);
        byte[] body = Body(FrameType.Claim, (ref FrameWriter writer) => new Claim
        {
            Sequence = v.A,
            Object = v.I,
            Action = action,
            Argument = v.J,
        }.Write(ref writer));

        Assert.Equal(ReadStatus.Ok, Claim.TryRead(body, out Claim read));
        Assert.Equal((v.A, v.I, action, v.J), (read.Sequence, read.Object, read.Action, read.Argument));
    });

    [Fact]
    public void SetAttribute_round_trips() => Properties.ForAll(Any, v =>
    {
        var operation = (AttributeOperation)(v.P % 4);
        bool hasPath = operation is AttributeOperation.Merge or AttributeOperation.RemovePath;
        bool hasValue = operation is AttributeOperation.Set or AttributeOperation.Merge;
        ulong? expected = (v.P & 4) != 0 ? v.B : null;
        AttributeTerms? terms = (v.P & 8) != 0 ? TermsOf(v) : null;
        byte[] body = Body(
            FrameType.SetAttribute,
            (ref FrameWriter writer) => new SetAttribute
            {
                Sequence = v.A,
                Operation = operation,
                Target = TargetOf(v),
                Expected = expected,
                Terms = terms,
                KeyUtf8 = v.Text,
                Path = v.Short,
                Value = v.Long,
            }.Write(ref writer),
            SetAttribute.MaxOverhead + v.Long.Length);

        Assert.Equal(ReadStatus.Ok, SetAttribute.TryRead(body, out SetAttribute read));
        Assert.Equal((v.A, operation, TargetOf(v)), (read.Sequence, read.Operation, read.Target));
        Assert.Equal((expected, terms), (read.Expected, read.Terms));
        AssertSame(v.Text, read.KeyUtf8);
        AssertSame(hasPath ? v.Short : default, read.Path);
        AssertSame(hasValue ? v.Long : default, read.Value);
    });

    [Fact]
    public void Manage_round_trips() => Properties.ForAll(Any, v =>
    {
        var action = (ManageAction)(v.P % 11);
        byte[] body = Body(FrameType.Manage, (ref FrameWriter writer) => new Manage
        {
            Sequence = v.A,
            Action = action,
            Member = v.I,
            Argument = v.J,
            TextUtf8 = v.Text,
        }.Write(ref writer));

        Assert.Equal(ReadStatus.Ok, Manage.TryRead(body, out Manage read));
        Assert.Equal((v.A, action, v.I, v.J), (read.Sequence, read.Action, read.Member, read.Argument));
        AssertSame(v.Text, read.TextUtf8);
    });

    [Fact]
    public void Done_round_trips() => Properties.ForAll(Any, v =>
    {
        byte[] body = Body(
            FrameType.Done, (ref FrameWriter writer) => new Done { Sequence = v.A, Value = v.B }.Write(ref writer), Done.MaxSize);
        Assert.Equal(ReadStatus.Ok, Done.TryRead(body, out Done read));
        Assert.Equal((v.A, v.B), (read.Sequence, read.Value));
    });

    [Fact]
    public void State_round_trips() => Properties.ForAll(
        from v in Any
        from entries in Some
        select (v, entries),
        given =>
        {
            (Values v, Values[] entries) = given;
            bool snapshot = v.P % 2 == 0, last = v.Q % 2 == 0;
            byte[] body = Body(
                FrameType.State,
                (ref FrameWriter writer) =>
                {
                    if (snapshot)
                    {
                        State.BeginSnapshotPart(ref writer, last, v.B, v.A, v.C, entries.Length);
                    }
                    else
                    {
                        State.BeginChange(ref writer, v.A, entries.Length);
                    }

                    foreach (Values e in entries)
                    {
                        int before = writer.Written;
                        StateEntry entry = StateOf(e);
                        entry.Write(ref writer);
                        Assert.InRange(writer.Written - before, StateEntry.MinSize, MaxSizeOf(entry));
                    }

                    writer.EndFrame(FrameType.State);
                },
                1 << 20);

            Assert.Equal(ReadStatus.Ok, State.TryRead(body, out State read));
            PresenceFlags part = last ? PresenceFlags.Snapshot | PresenceFlags.Last : PresenceFlags.Snapshot;
            PresenceFlags flags = snapshot ? part : PresenceFlags.None;
            Assert.Equal((flags, v.A, entries.Length), (read.Flags, read.Sequence, read.Count));
            Assert.Equal(snapshot ? (v.B, v.C) : (0, 0), (read.Epoch, read.Version));
            foreach (Values e in entries)
            {
                Assert.True(read.TryReadEntry(out StateEntry entry));
                AssertSame(StateOf(e), entry);
            }

            Assert.False(read.TryReadEntry(out _));
        },
        150);

    [Fact]
    public void Role_list_round_trips_up_to_32_roles()
    {
        for (int count = 0; count <= RoleList.MaxRoles; count++)
        {
            byte[] body = JoinedWith(Roles(count));
            Assert.Equal(ReadStatus.Ok, Joined.TryRead(body, out Joined read));
            var roles = new RoleList(read.Roles);
            Assert.Equal(count, roles.Count);
            for (int i = 0; i < count; i++)
            {
                Assert.True(roles.TryRead(out RoomPermissions permissions, out ReadOnlySpan<byte> name));
                Assert.Equal(((uint)i * 0x0801_0421u, "role " + i), ((uint)permissions, System.Text.Encoding.UTF8.GetString(name)));
            }

            Assert.False(roles.TryRead(out _, out _));
        }
    }

    [Fact]
    public void Role_list_of_33_roles_is_refused() =>
        Assert.Equal(ReadStatus.BadValue, Joined.TryRead(JoinedWith(Roles(RoleList.MaxRoles + 1)), out _));

    [Fact]
    public void Joined_without_roles_is_well_formed()
    {
        // A message that leaves them out has none, rather than a body that ends too soon.
        Assert.Equal(ReadStatus.Ok, Joined.TryRead(JoinedWith([]), out Joined read));
        Assert.Equal(0, new RoleList(read.Roles).Count);
    }

    private static byte[] JoinedWith(byte[] roles) => Body(
        FrameType.Joined,
        (ref FrameWriter writer) => new Joined { Space = Transforms.RoomSpace.Default, Epoch = 1, Roles = roles }.Write(ref writer));

    private static byte[] Roles(int count)
    {
        var writer = new FrameWriter(new byte[1 << 10]);
        writer.WriteByte((byte)count);
        for (int i = 0; i < count; i++)
        {
            RoleList.WriteRole(ref writer, (RoomPermissions)((uint)i * 0x0801_0421u), "role " + i);
        }

        Assert.False(writer.Overflowed);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[] RolesOf(Values v) => Roles(v.Q % (RoleList.MaxRoles + 1));

    private static AttributeTarget TargetOf(Values v) => (v.Q % 4) switch
    {
        0 => AttributeTarget.OfRoom(),
        1 => AttributeTarget.OfObject(v.I),
        2 => AttributeTarget.OfMember(v.J),
        _ => AttributeTarget.OfObjectMember(v.I, v.J),
    };

    private static AttributeTerms TermsOf(Values v) =>
        new((AttributeFlags)(v.P / 8 % 8), AccessOf(v.Q / 4, v.K), AccessOf(v.Q / 16, v.L));

    private static Access AccessOf(int kind, uint argument) => (kind % 4) switch
    {
        0 => new Access(AccessKind.Everyone),
        1 => new Access(AccessKind.Owner),
        2 => new Access(AccessKind.Member, argument),
        _ => new Access(AccessKind.Roles, argument),
    };

    private static StateEntry StateOf(Values v)
    {
        var kind = (StateKind)(v.P % 5);
        bool isMerge = kind == StateKind.AttributeMerged;
        return kind switch
        {
            StateKind.Object => ObjectOf(v, (ObjectFlags)(v.Q % 32)),
            StateKind.ObjectRemoved => new StateEntry { Kind = kind, Object = v.I },
            StateKind.AttributeRemoved => new StateEntry { Kind = kind, Target = TargetOf(v), KeyUtf8 = v.Text },
            _ => new StateEntry
            {
                Kind = kind,
                Target = TargetOf(v),
                KeyUtf8 = v.Text,
                Terms = isMerge ? default : TermsOf(v),
                Version = v.B,
                Author = v.K,
                Path = isMerge ? v.Short : default,
                Value = v.Long,
            },
        };
    }

    private static StateEntry ObjectOf(Values v, ObjectFlags flags)
    {
        bool placed = (flags & ObjectFlags.Placed) != 0;
        return new StateEntry
        {
            Kind = StateKind.Object,
            Object = v.I,
            ObjectFlags = flags,
            Parent = v.J,
            Owner = v.K,
            Creator = v.L,
            LockHolder = (flags & ObjectFlags.Locked) != 0 ? ~v.I : 0,
            Slot = placed ? ~v.J : 0,
            Generation = placed ? v.P : (byte)0,
            TypeUtf8 = v.Text,
            NameUtf8 = v.Text,
            AwaitedParentUtf8 = (flags & ObjectFlags.ParentByName) != 0 ? v.Text : default,
        };
    }

    private static int MaxSizeOf(scoped in StateEntry entry) => entry.Kind is StateKind.Object or StateKind.ObjectRemoved
        ? StateEntry.MaxObjectSize
        : StateEntry.MaxAttributeOverhead + entry.Value.Length;

    private static void AssertSame(scoped in StateEntry expected, scoped in StateEntry actual)
    {
        Assert.Equal(
            (expected.Kind, expected.Object, expected.ObjectFlags, expected.Parent, expected.Owner, expected.Creator, expected.LockHolder),
            (actual.Kind, actual.Object, actual.ObjectFlags, actual.Parent, actual.Owner, actual.Creator, actual.LockHolder));
        Assert.Equal((expected.Slot, expected.Generation), (actual.Slot, actual.Generation));
        Assert.Equal(
            (expected.Target, expected.Terms, expected.Version, expected.Author),
            (actual.Target, actual.Terms, actual.Version, actual.Author));
        AssertSame(expected.TypeUtf8, actual.TypeUtf8);
        AssertSame(expected.NameUtf8, actual.NameUtf8);
        AssertSame(expected.AwaitedParentUtf8, actual.AwaitedParentUtf8);
        AssertSame(expected.KeyUtf8, actual.KeyUtf8);
        AssertSame(expected.Path, actual.Path);
        AssertSame(expected.Value, actual.Value);
    }
}
