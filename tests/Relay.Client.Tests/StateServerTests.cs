using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>Every call about a room's state against the real server: once done, once refused. protocol-spec.md §11.</summary>
public sealed class StateServerTests
{
    private const double Edit = (double)RoomPermissions.EditObjects;
    private const double MemberMay = 247;

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Objects_are_made_changed_copied_and_removed(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire);
        Traveller anna = await company.AddAsync("Anna"), ben = await company.AddAsync("Ben");
        uint lamp = await anna.Client.CreateObjectAsync(new ObjectSpec { Name = "lamp", ParentName = "table", IsFixed = true });
        await ben.UntilObjectAsync(lamp, known => known is { Parent: 0, AwaitedParent: "table" }, "a lamp that waits");
        uint table = await anna.Client.CreateObjectAsync(new ObjectSpec { Name = "table", Type = "furniture", IsPersistent = true });
        await ben.UntilObjectAsync(lamp, known => known.Parent == table && known.AwaitedParent.Length == 0, "the lamp on the table");
        await ben.UntilObjectAsync(
            table,
            known => known is { Type: "furniture", Flags: ObjectFlags.Persistent, Slot: 0 } && known.Owner == anna.Member,
            "the table");
        await ben.Client.CreateObjectAsync(new ObjectSpec { Name = "lamp" }).RefusedAsync(CloseCode.NameTaken, 0, lamp);
        await ben.Client.CreateObjectAsync(new ObjectSpec { Parent = 99 }).RefusedAsync(CloseCode.NotFound, 0, 99);

        await anna.Client.UpdateObjectAsync(lamp, parent: 0, type: "light", name: "", flags: ObjectFlags.Persistent);
        await ben.UntilObjectAsync(
            lamp, known => known is { Parent: 0, Type: "light", Name: "", Flags: ObjectFlags.Persistent }, "another lamp");
        await anna.Client.UpdateObjectAsync(lamp, parent: table);
        await anna.Client.UpdateObjectAsync(table, parent: lamp).RefusedAsync(CloseCode.Cycle, 0, lamp);

        await anna.Client.SetAttributeAsync(
            AttributeTarget.OfObject(lamp), "watts", 40, AttributeTerms.Default with { Flags = AttributeFlags.Cloneable });
        uint copy = await ben.Client.CloneObjectAsync(table, name: "copy");
        await anna.UntilAsync(
            me => me.View.State.ChildrenOf(copy) is [var child] && child.Owner == ben.Member &&
                me.View.State.TryGetAttribute(AttributeTarget.OfObject(child.Id), "watts", out RoomAttribute watts) &&
                watts.Author == ben.Member,
            "a lamp on the other table");
        await ben.Client.CloneObjectAsync(table, parent: 99).RefusedAsync(CloseCode.NotFound, 0, 99);

        await ben.Client.RemoveObjectAsync(table).RefusedAsync(CloseCode.Forbidden, Edit, MemberMay);
        await anna.Client.RemoveObjectAsync(table);
        await anna.Client.RemoveObjectAsync(table).RefusedAsync(CloseCode.NotFound, 0, table);
        foreach (Traveller one in (Traveller[])[anna, ben])
        {
            await one.UntilAsync(me => me.View.State is { ObjectCount: 2, AttributeCount: 1 }, "the copies alone");
        }

        await ben.AgreesAsync(anna);
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Objects_are_taken_given_released_and_locked(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire);
        Traveller anna = await company.AddAsync("Anna"), ben = await company.AddAsync("Ben");
        uint id = await anna.Client.CreateObjectAsync(new ObjectSpec { IsPersistent = true });
        await anna.Client.GiveAsync(id, 99).RefusedAsync(CloseCode.NotFound, 0, 99);
        await anna.Client.GiveAsync(id, ben.Member);
        await anna.UntilObjectAsync(id, known => known.Owner == ben.Member, "another owner");
        await anna.Client.ReleaseAsync(id).RefusedAsync(CloseCode.Forbidden, Edit, MemberMay);
        await ben.Client.ReleaseAsync(id);
        await anna.UntilObjectAsync(id, known => known.Owner == 0, "no owner");
        await anna.Client.TakeAsync(id, ben.Member).RefusedAsync(CloseCode.Conflict, ben.Member, 0);
        await anna.Client.TakeAsync(id, 0);

        await anna.Client.LockAsync(id);
        await ben.UntilObjectAsync(id, known => known.LockHolder == anna.Member && (known.Flags & ObjectFlags.Locked) != 0, "a lock");
        await ben.Client.TakeAsync(id, anna.Member).RefusedAsync(CloseCode.Locked, 0, anna.Member);
        await ben.Client.UnlockAsync(id).RefusedAsync(CloseCode.Forbidden, Edit, MemberMay);
        await ben.Client.LockAsync(id).RefusedAsync(
            CloseCode.Forbidden, (double)(RoomPermissions)0x8000_0000, MemberMay);
        await anna.Client.UnlockAsync(id);
        await ben.UntilObjectAsync(id, known => known.LockHolder == 0, "no lock");

        // Its time is up by itself.
        await anna.Client.LockAsync(id, TimeSpan.FromMilliseconds(1));
        await anna.Client.ReleaseAsync(id);
        await ben.Client.LockAsync(id, TimeSpan.FromMinutes(1));
        await anna.Client.LockAsync(id).RefusedAsync(CloseCode.Locked, 0, ben.Member);
        await ben.Client.LockAsync(id, TimeSpan.FromMilliseconds(1));
        await anna.UntilObjectAsync(id, known => known.LockHolder == 0, "the end of the lock");
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Attributes_are_set_merged_and_deleted(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire);
        Traveller anna = await company.AddAsync("Anna"), ben = await company.AddAsync("Ben");
        AttributeTarget self = AttributeTarget.OfMember(anna.Member);
        ulong version = await anna.Client.SetAttributeAsync(self, "mood", "glad", expected: 0);
        await ben.UntilValueAsync(self, "mood", "glad");
        Assert.True(ben.View.State.TryGetAttribute(self, "mood", out RoomAttribute mood));
        Assert.Equal((version, anna.Member, AttributeTerms.Default), (mood.Version, mood.Author, mood.Terms));
        await anna.Client.SetAttributeAsync(self, "mood", "sad", expected: 0).RefusedAsync(CloseCode.Conflict, 0, version);
        await anna.Client.SetAttributeAsync(self, "mood", new string('x', 4095)).RefusedAsync(CloseCode.PayloadTooLarge, 4096, 4098);
        await anna.Client.SetAttributeAsync(self, "mood", new byte[] { 0xC1 }).RefusedAsync(CloseCode.BadValue, 1, 0);
        await ben.Client.SetAttributeAsync(self, "mood", "sad").RefusedAsync(
            CloseCode.Forbidden, (double)RoomPermissions.SetMemberAttributes, MemberMay);

        Assert.True(await anna.Client.MergeAttributeAsync(self, "looks", ["hat", "colour"], "red") > version);
        await anna.Client.MergeAttributeAsync(self, "looks", ["hat", "size"], 58);
        version = await anna.Client.RemoveFromAttributeAsync(self, "looks", ["hat", "colour"]);
        byte[] hat = [0x81, 0xA3, .. "hat"u8, 0x81, 0xA4, .. "size"u8, 58];
        await ben.UntilValueAsync(self, "looks", hat);
        Assert.True(ben.View.State.TryGetAttribute(self, "looks", out RoomAttribute looks));
        Assert.Equal(version, looks.Version);
        await anna.Client.MergeAttributeAsync(self, "mood", ["a"], 1).RefusedAsync(CloseCode.BadValue, 0, 2);
        await anna.Client.RemoveFromAttributeAsync(self, "looks", ["hat"], expected: 1).RefusedAsync(CloseCode.Conflict, 1, version);
        await anna.Client.DeleteAttributeAsync(self, "mood", expected: 1).RefusedAsync(CloseCode.Conflict, 1, mood.Version);
        await anna.Client.DeleteAttributeAsync(self, "mood");
        await anna.Client.DeleteAttributeAsync(self, "mood").RefusedAsync(CloseCode.NotFound, 0, 0);
        await ben.UntilAsync(me => me.View.State.AttributeCount == 1, "one attribute less");

        // What is for some comes and goes with who may see it.
        var secret = new AttributeTerms(AttributeFlags.None, new Access(AccessKind.Member, ben.Member), new Access(AccessKind.Owner));
        await anna.Client.SetAttributeAsync(self, "secret", true, secret);
        await ben.UntilValueAsync(self, "secret", true);
        await anna.Client.SetAttributeAsync(self, "secret", true, secret with { Readers = new Access(AccessKind.Owner) });
        await anna.UntilValueAsync(self, "secret", true);
        await ben.UntilAsync(me => me.View.State.AttributeCount == 1, "no secret");

        // A member takes along what is of it.
        await anna.Client.LeaveAsync();
        await ben.UntilAsync(me => me.View.State.AttributeCount == 0, "nothing of Anna's");
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Who_takes_at_once_from_the_same_owner_one_gets_it(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire);
        Traveller anna = await company.AddAsync("Anna"), ben = await company.AddAsync("Ben"), cleo = await company.AddAsync("Cleo");
        for (int round = 0; round < 20; round++)
        {
            uint id = await cleo.Client.CreateObjectAsync(new ObjectSpec { IsPersistent = true });
            Task[] takes = [anna.Client.TakeAsync(id, cleo.Member), ben.Client.TakeAsync(id, cleo.Member)];
            await Task.WhenAll(takes.Select(take => take.ContinueWith(_ => { }, TaskScheduler.Default))).InTimeAsync("both answers");
            int winner = Array.FindIndex(takes, take => take.IsCompletedSuccessfully);
            uint owner = winner == 0 ? anna.Member : ben.Member;
            await takes[1 - winner].RefusedAsync(CloseCode.Conflict, cleo.Member, owner);
            foreach (Traveller one in (Traveller[])[anna, ben, cleo])
            {
                await one.UntilObjectAsync(id, known => known.Owner == owner, "the winner");
            }
        }
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Moderators_change_roles_and_standings_and_take_members_out(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire);
        Traveller olga = await company.AddAsync("Olga", "owner"), ben = await company.AddAsync("Ben");
        uint member = ben.Member;
        RoomInfo room = ben.Client.Room!;
        Assert.Equal(["guest", "member", "moderator", "owner"], room.Roles.Select(role => role.Name));
        Assert.Equal((RoomPermissions)MemberMay, room.Roles[1].Permissions);
        Assert.Equal((1000U, 4096U), (room.MaxObjects, room.MaxValue));
        ben.Client.SendTransform(new Transform(1, 2, 3));
        await olga.UntilAsync(me => me.XOf(ben) == 1, "Ben's place");

        await olga.Client.MuteAsync(member);
        await olga.UntilAsync(me => Has(me, member, 1, MemberStanding.Muted), "a muted Ben");
        await ben.UntilAsync(me => Has(me, member, 1, MemberStanding.Muted), "being muted");
        await ben.Client.SendChatAsync("hm");
        await ben.UntilAsync(me => me.Turns.Any(turn => turn.Contains("4438", StringComparison.Ordinal)), "the refusal");
        await olga.Client.UnmuteAsync(member);
        await olga.UntilAsync(me => Has(me, member, 1, MemberStanding.None), "Ben, no longer muted");
        await olga.Client.SetRoleAsync(member, 2);
        await ben.UntilAsync(me => Has(me, member, 2, MemberStanding.None), "another role");
        await ben.Client.SetAttributeAsync(AttributeTarget.OfRoom(), "topic", "Chess");
        Assert.Equal(1, olga.XOf(ben));

        await ben.Client.MuteAsync(olga.Member).RefusedAsync(CloseCode.Forbidden, 2, 3);
        await ben.Client.UnmuteAsync(olga.Member).RefusedAsync(CloseCode.Forbidden, 2, 3);
        await ben.Client.KickAsync(olga.Member).RefusedAsync(CloseCode.Forbidden, 2, 3);
        double may = (double)room.Roles[2].Permissions;
        await ben.Client.BanAsync(olga.Member).RefusedAsync(CloseCode.Forbidden, (double)RoomPermissions.Ban, may);
        await ben.Client.UnbanAsync("user:Olga").RefusedAsync(CloseCode.Forbidden, (double)RoomPermissions.Ban, may);
        await ben.Client.SetRoleAsync(olga.Member, 0).RefusedAsync(CloseCode.Forbidden, (double)RoomPermissions.SetRoles, may);
        await ben.Client.CloseRoomAsync().RefusedAsync(CloseCode.Forbidden, (double)RoomPermissions.CloseRoom, may);
        await ben.Client.OpenRoomAsync().RefusedAsync(CloseCode.Forbidden, (double)RoomPermissions.CloseRoom, may);
        await ben.Client.EnterAsync().RefusedAsync(CloseCode.BadValue, 0, 0);
        await ben.Client.BlockAsync(member).RefusedAsync(CloseCode.BadValue, 0, member);
        await ben.Client.UnblockAsync(99).RefusedAsync(CloseCode.NotFound, 0, 99);
        await olga.Client.SetRoleAsync(member, 4).RefusedAsync(CloseCode.BadValue, 4, 4);

        await ben.Client.BlockAsync(olga.Member);
        await olga.UntilAsync(me => me.XOf(ben) is null, "Ben out of sight");
        await ben.Client.UnblockAsync(olga.Member);
        await olga.UntilAsync(me => me.XOf(ben) == 1, "Ben in sight");

        await olga.Client.KickAsync(member, "bye");
        await ben.UntilAsync(me => me.Client.Room is null, "being kicked");
        Assert.Equal(CloseCode.Kicked, ben.LeftBecause);
        await ben.Client.KickAsync(olga.Member).RefusedAsync(CloseCode.NotInRoom, 0, 0);
        await ben.Client.JoinAsync("plaza", "member"u8.ToArray()).InTimeAsync("the room again");

        await olga.Client.BanAsync(ben.Member, TimeSpan.FromDays(1));
        await ben.UntilAsync(me => me.Client.Room is null, "being banned");
        Assert.Equal(CloseCode.Banned, ben.LeftBecause);
        await AskRefusedAsync(ben.Client.JoinAsync("plaza", "member"u8.ToArray()), CloseCode.Banned);
        await olga.Client.UnbanAsync("user:nobody").RefusedAsync(CloseCode.NotFound, 0, 0);
        await olga.Client.UnbanAsync("user:Ben");
        await ben.Client.JoinAsync("plaza", "member"u8.ToArray()).InTimeAsync("the room once more");

        await olga.Client.CloseRoomAsync("late");
        await ben.UntilAsync(me => me.Client.Room is null, "the end");
        Assert.Equal(CloseCode.RoomClosed, ben.LeftBecause);
        await AskRefusedAsync(ben.Client.JoinAsync("plaza", "member"u8.ToArray()), CloseCode.RoomClosed);
        await olga.Client.OpenRoomAsync();
        await ben.Client.JoinAsync("plaza", "member"u8.ToArray()).InTimeAsync("the room after all");

        static async Task AskRefusedAsync(Task<RoomInfo> joining, CloseCode code) =>
            Assert.Equal(code, (await Assert.ThrowsAsync<RelayException>(() => joining.InTimeAsync("the refusal"))).Code);
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Who_waits_in_the_lobby_is_told_everything_and_does_nothing(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire, options => options.Room.HasLobby = true);
        Traveller anna = await company.AddAsync("Anna"), ben = await company.AddAsync("Ben");
        Assert.True(Has(ben, ben.Member, 1, MemberStanding.Lobby));
        await anna.Client.EnterAsync();
        await ben.UntilAsync(me => Has(me, anna.Member, 1, MemberStanding.None), "Anna in the room");
        uint id = await anna.Client.CreateObjectAsync(new ObjectSpec());
        await ben.UntilObjectAsync(id, known => known.Owner == anna.Member, "Anna's object");
        await ben.Client.RemoveObjectAsync(id).RefusedAsync(CloseCode.InLobby, 0, 0);
        await ben.Client.EnterAsync();
        await ben.Client.CreateObjectAsync(new ObjectSpec());
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Events_and_signals_reach_roles_and_those_nearby(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire);
        Traveller olga = await company.AddAsync("Olga", "owner");
        Traveller ben = await company.AddAsync("Ben"), cleo = await company.AddAsync("Cleo");
        Traveller[] all = [olga, ben, cleo];
        for (int i = 0; i < all.Length; i++)
        {
            all[i].Client.SendTransform(new Transform(i * 10, 0, 0));
        }

        foreach (Traveller one in all)
        {
            await one.UntilAsync(me => me.XOf(ben) == 10 && me.XOf(cleo) == 20 && me.XOf(olga) == 0, "everybody's place");
        }

        await ben.Client.SendEventAsync(Audience.Roles(1 << 3), 2000, "to owners"u8.ToArray());
        await olga.Client.SendEventAsync(Audience.Nearby(15), 2000, "to those near"u8.ToArray());
        await olga.Client.SendChatAsync("hi", Audience.Everyone);
        await olga.Client.SendSignalAsync(SignalKind.HighFive, PackedValue.Nil, Audience.Member(cleo.Member));
        await olga.SayAsync("end");
        foreach (Traveller one in all)
        {
            await one.UntilAsync(me => me.Events.Contains($"{olga.Member} end"), "the last event");
            Assert.Contains($"Chat {olga.Member} A26869", one.Turns);
            Assert.Equal(one == olga, one.Events.Contains($"{ben.Member} to owners"));
            Assert.Equal(one == ben, one.Events.Contains($"{olga.Member} to those near"));
            Assert.Equal(one == cleo, one.Turns.Contains($"HighFive {olga.Member} C0"));
        }

        // A moderator's signal, a payload that it does not have, more than there may be.
        await ben.Client.SendSignalAsync(SignalKind.FlyToMe, PackedValue.Nil);
        await ben.Client.SendSignalAsync(SignalKind.Typing, 1);
        for (int i = 0; i < 40; i++)
        {
            await ben.Client.SendChatAsync("spam");
        }

        await ben.UntilAsync(
            me => ((string[])["4403", "4422", "4429"]).All(code =>
                me.Turns.Any(turn => turn.StartsWith($"refused SendEvent refused: {code}", StringComparison.Ordinal))),
            "the refusals");
        Assert.Contains(ben.Turns, turn => turn.Contains("[limit 2, value 1]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Objects_move_with_those_who_may_move_them(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire);
        Traveller anna = await company.AddAsync("Anna"), ben = await company.AddAsync("Ben");
        uint[] ids = new uint[200];
        for (int i = 0; i < ids.Length; i++)
        {
            Transform? place = i == 0 ? new Transform(1, 2, 3) : null;
            ids[i] = await anna.Client.CreateObjectAsync(new ObjectSpec { IsPlaced = true, Place = place });
        }

        foreach (Traveller one in (Traveller[])[anna, ben])
        {
            await one.UntilAsync(me => XOf(me, ids[0]) == 1 && me.View.State.ObjectCount == ids.Length, "the first object's place");
            Assert.Null(XOf(one, ids[1]));
        }

        for (int round = 1; round <= 10; round++)
        {
            anna.Client.SendTransform(new Transform(round, 0, 0));
            for (int i = 0; i < ids.Length; i++)
            {
                Move(anna, ids[i], round + (i * 0.1));
            }
        }

        await ben.UntilAsync(
            me => me.XOf(anna) == 10 && Enumerable.Range(0, ids.Length).All(i => XOf(me, ids[i]) == Math.Round(10 + (i * 0.1), 3)),
            "all places");

        // It is not Ben's to move, until he holds the lock.
        Move(ben, ids[0], 20);
        Assert.True(ben.View.State.TryGetObject(ids[0], out RoomObject moved));
        string refusal = $"[limit 0, value {moved.Slot}]";
        await ben.UntilAsync(me => me.Turns.Any(turn => turn.EndsWith(refusal, StringComparison.Ordinal)), "the refusal");
        await anna.Client.ReleaseAsync(ids[0]);
        await ben.Client.LockAsync(ids[0]);
        Move(ben, ids[0], 30);
        await anna.UntilAsync(me => XOf(me, ids[0]) == 30, "where Ben has put it");
        await ben.Client.UnlockAsync(ids[0]);
        await ben.Client.TakeAsync(ids[0], 0);
        await ben.Client.RemoveObjectAsync(ids[0]);
        await anna.UntilAsync(me => !me.View.State.TryGetObject(ids[0], out _), "one object less");
        Assert.Null(XOf(anna, ids[0]));

        // What arrives late for a slot that is another's by now is dropped.
        Assert.Equal(PackStatus.Ok, ben.Client.MoveObject(moved, new Transform(1, 1, 1)));
        Assert.Equal(PackStatus.OutOfBounds, ben.Client.MoveObject(moved, new Transform(100, 1, 1)));

        static void Move(Traveller one, uint id, double x)
        {
            Assert.True(one.View.State.TryGetObject(id, out RoomObject known));
            Assert.Equal(PackStatus.Ok, one.Client.MoveObject(known, new Transform(x, 0, 0)));
        }
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Late_joiner_knows_what_the_others_know_from_a_snapshot_in_parts(Wire wire)
    {
        await using Company company = await Company.GatherAsync(wire);
        Traveller anna = await company.AddAsync("Anna", "owner"), ben = await company.AddAsync("Ben");
        for (int i = 0; i < 120; i++)
        {
            uint id = await anna.Client.CreateObjectAsync(new ObjectSpec
            {
                Name = $"object {i}",
                Type = "thing",
                Parent = i % 10 == 0 ? 0 : (uint)i,
                IsPersistent = true,
                Place = i % 3 == 0 ? new Transform(i * 0.1, 0, 0) : null,
                Attributes = [new ObjectAttribute("text", new string('x', 2000))],
            });
            Assert.Equal((uint)i + 1, id);
        }

        await anna.Client.SetAttributeAsync(AttributeTarget.OfRoom(), "topic", "Chess");
        await anna.Client.SetAttributeAsync(AttributeTarget.OfMember(anna.Member), "hand", true);
        await anna.Client.SetAttributeAsync(AttributeTarget.OfObjectMember(3, anna.Member), "vote", 2);
        await anna.Client.MergeAttributeAsync(AttributeTarget.OfObject(3), "map", ["a", "b"], 0.5);
        await anna.Client.LockAsync(5);
        Traveller cleo = await company.AddAsync("Cleo");
        Assert.True(cleo.StateFrames > 1, "The snapshot came in one part.");
        Assert.Equal((1, 120, 124), (cleo.Snapshots, cleo.View.State.ObjectCount, cleo.View.State.AttributeCount));
        foreach (Traveller one in (Traveller[])[anna, ben])
        {
            await one.AgreesAsync(cleo);
        }

        await cleo.UntilAsync(me => Enumerable.Range(0, 40).All(i => XOf(me, (uint)(3 * i) + 1) == Math.Round(i * 0.3, 3)), "all places");

        // The owner of all goes: what is persistent stays, with another owner.
        await anna.Client.LeaveAsync();
        await cleo.UntilAsync(
            me => me.View.State.Objects() is { Count: 120 } objects &&
                objects.All(known => known.Owner == ben.Member && known.LockHolder == 0),
            "the heir");
        Assert.Equal(122, cleo.View.State.AttributeCount);
        await ben.AgreesAsync(cleo);
    }

    private static bool Has(Traveller one, uint member, byte role, MemberStanding standing) =>
        one.View.TryGetMember(member, out RoomMember known) && known.Role == role && known.Standing == standing;

    private static double? XOf(Traveller one, uint id) =>
        one.View.State.TryGetTransform(id, out Transform place) ? Math.Round(place.X, 3) : null;
}
