using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Client;

/// <content>Events and signals. protocol-spec.md §7 and §11.9.</content>
public sealed partial class RelayClient
{
    /// <summary>
    /// Sends an event to all others in the room, or to everybody. Completes when it is queued; a refusal comes to
    /// <see cref="RelayHandler.OnRefused"/>. protocol-spec.md §7.1.
    /// </summary>
    /// <param name="kind">What it is: 1,024 and above are the application's.</param>
    /// <param name="payload">At most <see cref="SessionInfo.MaxEventPayload"/> bytes; not looked into. Copied before this
    /// completes.</param>
    /// <param name="includeSelf">Whether this client gets it too, in the same order as everybody.</param>
    /// <param name="cancellationToken">Stops waiting for room in the queue.</param>
    /// <returns>The message's number, which a refusal repeats.</returns>
    /// <exception cref="RelayException">The payload is too long (4413, with limit and value), the client is away and too much waits already
    /// (1013, with limit and value), or the client has ended.</exception>
    public ValueTask<ulong> SendEventAsync(
        uint kind, ReadOnlyMemory<byte> payload, bool includeSelf = false, CancellationToken cancellationToken = default) =>
        SendEventAsync(includeSelf ? Audience.Everyone : Audience.Others, kind, payload, cancellationToken);

    /// <summary>
    /// Sends an event to one member of the room. Completes when it is queued; a refusal (4404: no such member) comes to
    /// <see cref="RelayHandler.OnRefused"/>. protocol-spec.md §7.1.
    /// </summary>
    /// <param name="member">The member's id.</param>
    /// <param name="kind">What it is: 1,024 and above are the application's.</param>
    /// <param name="payload">At most <see cref="SessionInfo.MaxEventPayload"/> bytes; not looked into. Copied before this
    /// completes.</param>
    /// <param name="cancellationToken">Stops waiting for room in the queue.</param>
    /// <returns>The message's number, which a refusal repeats.</returns>
    /// <exception cref="RelayException">The payload is too long (4413, with limit and value), the client is away and too much waits already
    /// (1013, with limit and value), or the client has ended.</exception>
    public ValueTask<ulong> SendEventToMemberAsync(
        uint member, uint kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
        SendEventAsync(Audience.Member(member), kind, payload, cancellationToken);

    /// <summary>
    /// Sends an event. Completes when it is queued; a refusal (4403, 4404, 4410, 4422, 4429 with the events dropped as value, 4438, 4439)
    /// comes to <see cref="RelayHandler.OnRefused"/>. protocol-spec.md §7.1.
    /// </summary>
    /// <param name="audience">Who is to get it.</param>
    /// <param name="kind">What it is: 1,024 and above are the application's.</param>
    /// <param name="payload">At most <see cref="SessionInfo.MaxEventPayload"/> bytes; not looked into. Copied before this
    /// completes.</param>
    /// <param name="cancellationToken">Stops waiting for room in the queue.</param>
    /// <returns>The message's number, which a refusal repeats.</returns>
    /// <exception cref="RelayException">The payload is too long (4413, with limit and value), the client is away and too much waits already
    /// (1013, with limit and value), or the client has ended.</exception>
    public ValueTask<ulong> SendEventAsync(
        Audience audience, uint kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        if (Session is { } session && payload.Length > session.MaxEventPayload)
        {
            throw new RelayException(new Refusal(
                FrameType.SendEvent,
                0,
                CloseCode.PayloadTooLarge,
                session.MaxEventPayload,
                payload.Length,
                "The payload is longer than the server takes, in bytes."));
        }

        return AddAsync(
            FrameType.SendEvent,
            40 + payload.Length,
            (Audience: audience, Kind: kind, Payload: payload),
            static (ref FrameWriter writer, ulong sequence, in (Audience Audience, uint Kind, ReadOnlyMemory<byte> Payload) state) =>
                new SendEvent
                {
                    Sequence = sequence,
                    Audience = state.Audience.Kind,
                    Member = state.Audience.MemberId,
                    Roles = state.Audience.RoleMask,
                    Radius = state.Audience.Radius,
                    Kind = state.Kind,
                    Payload = state.Payload.Span,
                }.Write(ref writer),
            cancellationToken);
    }

    /// <summary>
    /// Sends one of the protocol's own signals, which every client understands. Completes when it is queued; a refusal comes to
    /// <see cref="RelayHandler.OnRefused"/>: as for events, 4422 also for a payload or an audience that the signal does not have.
    /// protocol-spec.md §11.9.
    /// </summary>
    /// <param name="kind">Which signal. The table of §11.9 says what each carries, to whom it may go and how often it may come.</param>
    /// <param name="payload">What it carries: text, a boolean, <see cref="PackedValue.Nil"/>, or an encoded map.</param>
    /// <param name="audience">Who is to get it; default all others.</param>
    /// <param name="cancellationToken">Stops waiting for room in the queue.</param>
    /// <returns>The message's number, which a refusal repeats.</returns>
    /// <exception cref="RelayException">As for <see cref="SendEventAsync(Audience, uint, ReadOnlyMemory{byte},
    /// CancellationToken)"/>.</exception>
    public ValueTask<ulong> SendSignalAsync(
        SignalKind kind, PackedValue payload, Audience audience = default, CancellationToken cancellationToken = default) =>
        SendEventAsync(audience, (uint)kind, payload.Bytes, cancellationToken);

    /// <summary>Sends a chat message: <see cref="SendSignalAsync"/> with <see cref="SignalKind.Chat"/>. protocol-spec.md §11.9.</summary>
    /// <param name="text">1 to 4,000 bytes of UTF-8; otherwise refused with 4422.</param>
    /// <param name="audience">Who is to get it; default all others.</param>
    /// <param name="cancellationToken">Stops waiting for room in the queue.</param>
    /// <returns>The message's number, which a refusal repeats.</returns>
    /// <exception cref="RelayException">As for <see cref="SendSignalAsync"/>.</exception>
    public ValueTask<ulong> SendChatAsync(string text, Audience audience = default, CancellationToken cancellationToken = default) =>
        SendSignalAsync(SignalKind.Chat, text, audience, cancellationToken);
}
