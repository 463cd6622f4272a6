using System.Collections.Concurrent;
using System.Globalization;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests.Kit;

/// <summary>Writes down what a client is told, one line each, and lets a test wait for the next line.</summary>
internal sealed class Recorder : RelayHandler
{
    private readonly BlockingCollection<string> _lines = [];

    public Action? Before { get; set; }

    public CloseInfo? Closed { get; private set; }

    public RoomView View { get; } = new();

    /// <summary>Read it after the line that tells of an attempt.</summary>
    public List<ReconnectAttempt> Attempts { get; } = [];

    public string Next() => _lines.TryTake(out string? line, TimeSpan.FromSeconds(10)) ? line : throw new TimeoutException("Nothing was told.");

    public bool IsEmpty => _lines.Count == 0;

    public override void OnJoined(RoomInfo room)
    {
        View.Reset(room);
        Add($"joined {room.Name}");
    }

    public override void OnLeft(RoomInfo room, CloseCode reason) => Add($"left {room.Name} {reason}");

    public override void OnPresence(RoomInfo room, ref Presence presence)
    {
        View.Apply(ref presence);
        Add($"presence {View.Count}");
    }

    public override void OnState(RoomInfo room, ref State state)
    {
        View.Apply(ref state);
        Add($"state {View.State.ObjectCount} {View.State.AttributeCount}");
    }

    public override void OnBatch(RoomInfo room, ref TransformBatch batch)
    {
        Before?.Invoke();
        ulong version = batch.Version;
        Assert.True(View.Apply(ref batch));
        Add($"batch {version}");
    }

    public override void OnEvent(RoomInfo room, in RoomEvent message) =>
        Add($"event {message.Sender} {message.Kind} {Convert.ToHexString(message.Payload)}");

    public override void OnRefused(in Refusal refusal) => Add($"refused {refusal.RefusedType} {refusal.Sequence} {refusal.Code}");

    public override void OnGoAway(ServerGoodbye goodbye) =>
        Add($"goaway {goodbye.Reason} {goodbye.Deadline.TotalMilliseconds} {goodbye.RetryAfter.TotalMilliseconds} {goodbye.Jitter.TotalMilliseconds} {goodbye.AlternateUrl}");

    public override void OnGap(RoomInfo room) => Add($"gap {room.Name}");

    public override void OnReconnecting(ReconnectAttempt attempt)
    {
        Attempts.Add(attempt);
        Add($"reconnecting {attempt.Attempt} {attempt.Cause.Code}");
    }

    public override void OnReconnected(Reconnection reconnection) => Add($"reconnected {reconnection.Resumed} {reconnection.LostMessages}");

    public override void OnClosed(CloseInfo info)
    {
        Closed = info;
        Add($"closed {info.Code}");
    }

    private void Add(FormattableString line) => _lines.Add(line.ToString(CultureInfo.InvariantCulture));
}
