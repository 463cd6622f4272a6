using Relay.Load.Measure;
using Relay.Load.Wire;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tracks;

/// <summary>A recorded person in a live room.</summary>
internal sealed class TrackWalker(string room, Track track, TrackTime time) : RelaySession(room)
{
    public Track Track => track;

    public LoadConnection? Connection { get; set; }

    /// <summary>When the tester asked to join; 0 before.</summary>
    public long JoinSentNanos { get; private set; }

    protected override bool JoinsAtOnce => false;

    public void Join()
    {
        JoinSentNanos = Clock.NowNanos;
        SendJoin(Connection!);
    }

    /// <summary>Sends where the person is at a time of the recording; nothing before the server has let them in.</summary>
    public void SendAt(double seconds)
    {
        if (Space is not { } space)
        {
            return;
        }

        TrackPoint point = track.At(seconds);
        double half = track.HeadingAt(seconds) / 2;
        double height = space.MinY + (space.StepsY * space.Precision / 2);
        var transform = new Transform(point.X, height, point.Y, 0, (float)Math.Sin(half), 0, (float)Math.Cos(half));
        if (space.TryPack(transform, out PackedTransform packed) != PackStatus.Ok)
        {
            Fail($"person {track.Person} walks out of the room at {seconds} s");
            return;
        }

        long age = Math.Clamp((Clock.NowNanos - time.ToNanos(seconds)) / AgeUnitNanos, 0, PackedTransform.MaxAge);
        Span<byte> frame = stackalloc byte[64];
        int length = TransformUpdate.WriteSingle(
            frame, space, new TransformUpdateEntry(Slot, Generation, packed.WithPrefix((uint)age, hasExtension: false), default));
        Connection!.TrySend(frame[..length], keep: false);
    }

    /// <summary>The connection could not be opened.</summary>
    public void Refused(string reason) => Fail(reason);

    public void Depart() => SendClose(Connection!);

    protected override void OnJoined(LoadConnection connection) => SendAt(track.Begin);

    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;
}
