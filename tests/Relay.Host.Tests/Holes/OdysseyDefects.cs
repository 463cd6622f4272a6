using Relay.Client;
using Relay.Host.Tests.Accounts;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Host.Tests.Holes;

/// <summary>
/// Defects of Odyssey about who somebody is and who holds a lock, tried here over the real wire, by their numbers in the list of its weak
/// points. Others have their tests where their subject is: 2 and 3, a reader that stops and leaves among others (SlowReaderTests, RaceTests), 7
/// and 8, special subjects and sockets left open (<see cref="SessionTests"/>, <see cref="AuthorizerTests"/>; without a Hello: SlowlorisCases),
/// 10, floods (FloodTests), 13, tokens that cannot be revoked (<see cref="AuthorizerTests"/>).
/// </summary>
public sealed class OdysseyDefects : IClassFixture<AccountsFixture>
{
    private readonly AccountsServer _server;

    public OdysseyDefects(AccountsFixture fixture) => _server = fixture.Server;

    /// <summary>1: a frame of no known type, cut short or of any length brought the node down, and so did a lock or a high five before a world was
    /// entered.</summary>
    [Fact]
    public async Task OdysseyDefect1_frameThatIsWrong_endsItsSender_andOneTooEarlyIsRefused()
    {
        await using Resident anna = await Resident.EnterAsync(_server, "Anna", "defect-1");
        foreach ((string frame, CloseCode code) in new[]
        {
            ("00000044", CloseCode.InvalidPayload), ("01000044FF", CloseCode.InvalidPayload), ("0300002001FFFF", CloseCode.InvalidPayload),
            ("0400001001FF4141", CloseCode.InvalidPayload), ("FFFFFF10", CloseCode.MessageTooBig),
        })
        {
            using RelaySocket wrong = await RelaySocket.InAsync(_server, (await _server.GuestAsync()).Access);
            await wrong.SendBytesAsync(Convert.FromHexString(frame));
            Assert.Equal((frame, code), (frame, await wrong.ClosedAsync()));
        }

        using RelaySocket unknown = await RelaySocket.InAsync(_server, (await _server.GuestAsync()).Access);
        await unknown.SendBytesAsync(Convert.FromHexString("0000007E"));
        Assert.Equal(CloseCode.UnknownFrameType, await unknown.RefusedAsync());

        using RelaySocket early = await RelaySocket.InAsync(_server, (await _server.GuestAsync()).Access);
        await early.SendBytesAsync(Frame((ref FrameWriter writer) => new Claim { Sequence = 1, Object = 1, Action = ClaimAction.Lock }.Write(ref writer)));
        Assert.Equal(CloseCode.NotInRoom, await early.RefusedAsync());
        await early.SendBytesAsync(Frame((ref FrameWriter writer) => new Claim { Sequence = 2, Object = 1, Action = ClaimAction.Unlock }.Write(ref writer)));
        Assert.Equal(CloseCode.NotInRoom, await early.RefusedAsync());
        await early.SendBytesAsync(Frame((ref FrameWriter writer) => new SendEvent
        {
            Sequence = 3,
            Audience = EventAudience.Member,
            Member = anna.Id,
            Kind = (uint)SignalKind.HighFive,
            Payload = [0xC0],
        }.Write(ref writer)));
        Assert.Equal(CloseCode.NotInRoom, await early.RefusedAsync());
        await anna.SettledAsync();
        Assert.Empty(anna.Events);
    }

    /// <summary>9: the sender of a high five was what the message said. Here it says none, and what else it carries names nobody.</summary>
    [Fact]
    public async Task OdysseyDefect9_highFive_isFromWhoSentIt()
    {
        await using Resident anna = await Resident.EnterAsync(_server, "Anna", "defect-9");
        await using Resident ben = await Resident.EnterAsync(_server, "Ben", "defect-9"), carl = await Resident.EnterAsync(_server, "Carl", "defect-9");
        byte[] senderIsAnna = [0x81, 0xA6, .. "sender"u8, (byte)anna.Id];
        await ben.Link.SendSignalAsync(SignalKind.HighFive, senderIsAnna, Audience.Member(carl.Id));
        await Resident.UntilAsync(() => carl.Events.Length == 1, "the high five");
        Assert.Equal((ben.Id, (uint)SignalKind.HighFive), (carl.Events[0].Sender, carl.Events[0].Kind));
        Assert.Empty(anna.Events);
    }

    /// <summary>Locks: here they are for the owner, or anybody who may while there is none, never for who may not, and a moderator can end
    /// them.</summary>
    [Fact]
    public async Task OdysseyDefectLocks_lockByWhoMayNot_isRefused()
    {
        await using Resident anna = await Resident.EnterAsync(_server, "Anna", "locks");
        await using Resident ben = await Resident.EnterAsync(_server, "Ben", "locks"), looker = await Resident.EnterAsync(_server, "Looker", "locks", "guest");
        await using Resident moderator = await Resident.EnterAsync(_server, "Mo", "locks", "moderator");
        uint ball = await anna.Link.CreateObjectAsync(new ObjectSpec { Name = "ball", IsPlaced = true, Place = new Transform(1, 0, 1) });
        foreach (Resident other in new[] { ben, looker, moderator })
        {
            await Resident.RefusedAsync(other.Link.LockAsync(ball), CloseCode.Forbidden);
        }

        await anna.Link.ReleaseAsync(ball);
        await Resident.RefusedAsync(looker.Link.LockAsync(ball), CloseCode.Forbidden);
        await ben.Link.LockAsync(ball);
        await Resident.RefusedAsync(anna.Link.LockAsync(ball), CloseCode.Locked);
        await Resident.RefusedAsync(anna.Link.TakeAsync(ball, 0), CloseCode.Locked);
        await Resident.RefusedAsync(anna.Link.UnlockAsync(ball), CloseCode.Forbidden);
        await anna.SeesAsync(ball, known => known.LockHolder == ben.Id, "Ben's lock");
        anna.Link.MoveObject(anna.Sees(ball), new Transform(9, 0, 9));
        await Resident.UntilAsync(() => anna.Refusals.Length == 1, "Anna is refused");
        Assert.Equal(CloseCode.NotOwner, anna.Refusals[0]);
        await moderator.Link.UnlockAsync(ball);
        await anna.SeesAsync(ball, known => known.LockHolder == 0, "no lock");
    }

    /// <summary>Locks: the right was looked at once, when the lock was taken. Here it counts with each message.</summary>
    [Fact]
    public async Task OdysseyDefectLocks_holderWhoLosesItsRights_doesNothingMoreByItsLock()
    {
        await using Resident anna = await Resident.EnterAsync(_server, "Anna", "rights");
        await using Resident owner = await Resident.EnterAsync(_server, "Owner", "rights", "owner");
        uint ball = await anna.Link.CreateObjectAsync(new ObjectSpec { Name = "ball", IsPlaced = true, Place = new Transform(1, 0, 1) });
        await anna.Link.LockAsync(ball);
        await anna.SeesAsync(ball, known => known.LockHolder == anna.Id, "the lock");
        await owner.Link.SetRoleAsync(anna.Id, 0);
        anna.Link.MoveObject(anna.Sees(ball), new Transform(9, 0, 9));
        await Resident.UntilAsync(() => anna.Refusals.Length > 0, "Anna is refused");
        await Resident.RefusedAsync(anna.Link.LockAsync(ball), CloseCode.Forbidden);
        await Resident.RefusedAsync(anna.Link.RemoveObjectAsync(ball), CloseCode.Forbidden);
        await Resident.UntilAsync(() => owner.View.State.TryGetTransform(ball, out _), "the ball's place");
        Assert.True(owner.View.State.TryGetTransform(ball, out Transform place));
        Assert.Equal(1, Math.Round(place.X, 3));
    }

    /// <summary>Locks: they had no end of their own, and outlived whoever was gone. Here each ends: when its time is up, when its holder leaves, with
    /// its connection once nobody comes back for it, and at once with its session.</summary>
    [Theory]
    [InlineData("its time is up")]
    [InlineData("its holder leaves")]
    [InlineData("its holder says goodbye")]
    [InlineData("its holder's connection breaks")]
    [InlineData("its holder signs out")]
    public async Task OdysseyDefectLocks_lock_endsWhen(string what)
    {
        // The long one: a session that waits for its client keeps its locks, unless it is revoked.
        string window = what == "its holder's connection breaks" ? "00:00:00" : "00:05:00";
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Resume:Window=" + window);
        await using Resident anna = await Resident.EnterAsync(server, "Anna"), ben = await Resident.EnterAsync(server, "Ben");
        uint ball = await anna.Link.CreateObjectAsync(new ObjectSpec { Name = "ball", IsPersistent = true });
        await anna.Link.ReleaseAsync(ball);
        await ben.Link.LockAsync(ball, what == "its time is up" ? TimeSpan.FromMilliseconds(300) : null);
        await anna.SeesAsync(ball, known => known.LockHolder == ben.Id, "Ben's lock");
        switch (what)
        {
            case "its holder leaves":
                await ben.Link.LeaveAsync();
                break;
            case "its holder says goodbye":
                await ben.DisposeAsync();
                break;
            case "its holder's connection breaks":
                using (RelaySocket broken = await RelaySocket.InAsync(server, ben.Who.Access))
                {
                    // The same user, who comes in anew, locks the ball again, and is gone without a word.
                    Assert.Equal(CloseCode.None, await broken.JoinAsync("plaza"));
                    await anna.SeesAsync(ball, known => known.LockHolder == 0, "the old seat's lock is gone");
                    await broken.SendBytesAsync(Frame((ref FrameWriter writer) => new Claim { Sequence = 2, Object = ball, Action = ClaimAction.Lock }.Write(ref writer)));
                    await anna.SeesAsync(ball, known => known.LockHolder != 0, "the lock again");
                    broken.Break();
                }

                break;
            case "its holder signs out":
                await ben.Who.PostAsync("logout");
                break;
        }

        await anna.SeesAsync(ball, known => known.LockHolder == 0, $"no lock after {what}");
        await anna.Link.LockAsync(ball);
    }

    /// <summary>6: where somebody was last was kept and, by a test the wrong way round, never given back.</summary>
    [Fact]
    public async Task OdysseyDefect6_lastPlace_isWhereOneComesBackTo()
    {
        await using Resident witness = await Resident.EnterAsync(_server, "Witness", "defect-6");
        AccountsServer.Guest anna;
        await using (Resident first = await Resident.EnterAsync(_server, "Anna", "defect-6"))
        {
            anna = first.Who;
            uint id = first.Id;
            Assert.Equal(PackStatus.Ok, first.Link.SendTransform(new Transform(12.5, 0, -7)));
            await Resident.UntilAsync(() => witness.View.TryGetTransform(id, out _), "Anna is somewhere");
        }

        // The client's view has it with the first batch, before anything of one's own is sent.
        await using Resident back = await Resident.EnterAsync(_server, anna, "defect-6");
        await Resident.UntilAsync(() => back.View.TryGetTransform(back.Id, out _), "Anna knows where she is");
        Assert.True(back.View.TryGetTransform(back.Id, out Transform place));
        Assert.Equal((12.5, -7.0), (Math.Round(place.X, 3), Math.Round(place.Z, 3)));
    }

    private delegate void Writing(ref FrameWriter writer);

    private static byte[] Frame(Writing write)
    {
        var writer = new FrameWriter(new byte[1024]);
        write(ref writer);
        return writer.WrittenSpan.ToArray();
    }
}
