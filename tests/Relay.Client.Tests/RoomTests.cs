using System.Text;
using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §6.</summary>
public sealed class RoomTests
{
    [Fact]
    public async Task Join_is_completed_by_joined()
    {
        await using Session session = await Session.ConnectAsync();
        Task<RoomInfo> joining = session.Client.JoinAsync("hall", new byte[] { 9 });
        CheckJoin(await session.Server.ExpectAsync(FrameType.Join), 1, "hall", 9);
        session.Server.Send(Frames.Joined(1));
        RoomInfo room = await joining;
        Assert.Equal(("hall", Frames.Epoch, Frames.Me, Frames.MySlot, (byte)1), (room.Name, room.Epoch, room.Member, room.Slot, room.Generation));
        Assert.Equal((50_000U, 4_000U, 500U, 11), (room.TickMicros, room.AgeUnitMicros, room.Capacity, room.Space.RecordSize));
        Assert.Same(room, session.Client.Room);
    }

    [Fact]
    public async Task Join_refused_throws_with_limit_and_the_connection_lives_on()
    {
        await using Session session = await Session.ConnectAsync();
        Task<RoomInfo> joining = session.Client.JoinAsync("hall");
        await session.Server.ExpectAsync(FrameType.Join);
        session.Server.Send(Frames.Error(FrameType.Join, 1, CloseCode.RoomFull, limit: 500, value: 501));
        RelayException error = await Assert.ThrowsAsync<RelayException>(() => joining);
        Assert.Equal((CloseCode.RoomFull, 500.0, 501.0, FrameType.Join), (error.Code, error.Limit, error.Value, error.RefusedType));
        Task<RoomInfo> again = session.Client.JoinAsync("attic");
        CheckJoin(await session.Server.ExpectAsync(FrameType.Join), 2, "attic");
        session.Server.Send(Frames.Joined(2, "attic"));
        Assert.Equal("attic", (await again).Name);
    }

    [Fact]
    public async Task ChangeRoom_enters_the_other_room_in_one_step()
    {
        await using Session session = await Session.JoinAsync();
        Task<RoomInfo> changing = session.Client.ChangeRoomAsync("attic");
        CheckJoin(await session.Server.ExpectAsync(FrameType.ChangeRoom), 2, "attic");
        session.Server.Send(Frames.Joined(2, "attic", slot: 8, generation: 4));
        Assert.Equal(("attic", 8U), ((await changing).Name, session.Client.Room!.Slot));
    }

    [Fact]
    public async Task Leave_is_completed_by_left()
    {
        await using Session session = await Session.JoinAsync();
        Task leaving = session.Client.LeaveAsync();
        Assert.Equal([2], await session.Server.ExpectAsync(FrameType.Leave));
        session.Server.Send(Frames.Left(2));
        await leaving;
        Assert.Null(session.Client.Room);
        Assert.Equal("left hall Normal", session.Told.Next());
    }

    [Fact]
    public async Task Being_taken_out_of_the_room_is_told()
    {
        await using Session session = await Session.JoinAsync();
        session.Server.Send(Frames.Left(0, CloseCode.Forbidden));
        Assert.Equal("left hall Forbidden", session.Told.Next());
        Assert.Null(session.Client.Room);
    }

    [Fact]
    public async Task Requests_under_way_fail_when_the_connection_ends()
    {
        await using Session session = await Session.ConnectAsync();
        Task<RoomInfo> joining = session.Client.JoinAsync("hall");
        await session.Server.ExpectAsync(FrameType.Join);
        session.Server.Send(Frames.Close(CloseCode.GoingAway));
        Assert.Equal(CloseCode.GoingAway, (await Assert.ThrowsAsync<RelayException>(() => joining)).Code);
        Assert.Equal("closed GoingAway", session.Told.Next());
        Assert.Equal(CloseCode.GoingAway, (await Assert.ThrowsAsync<RelayException>(() => session.Client.JoinAsync("hall"))).Code);
    }

    [Fact]
    public async Task Cancelling_stops_the_waiting_and_a_late_answer_still_counts()
    {
        await using Session session = await Session.ConnectAsync();
        using var cancel = new CancellationTokenSource();
        Task<RoomInfo> joining = session.Client.JoinAsync("hall", cancellationToken: cancel.Token);
        await session.Server.ExpectAsync(FrameType.Join);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining);
        session.Server.Send(Frames.Joined(1));
        Assert.Equal("joined hall", session.Told.Next());
    }

    [Fact]
    public async Task A_name_that_cannot_be_written_is_refused_at_once()
    {
        await using Session session = await Session.ConnectAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => session.Client.JoinAsync(new string('x', 256)));
    }

    private static void CheckJoin(byte[] body, ulong sequence, string room, params byte[] ticket)
    {
        Assert.Equal(ReadStatus.Ok, Join.TryRead(body, out Join join));
        Assert.Equal((sequence, room), (join.Sequence, Encoding.UTF8.GetString(join.RoomUtf8)));
        Assert.Equal(ticket, join.Ticket.ToArray());
    }
}
