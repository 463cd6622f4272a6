using System.Buffers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Relay.Core.Hosting;
using Relay.Protocol;

namespace Relay.Host.Bridges.NafUws;

/// <summary>A page that speaks the dialect, from its WebSocket handshake to its end.</summary>
internal sealed class NafUwsConnection
{
    /// <summary>How long a peer may take to answer a close.</summary>
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(2);

    private const int FirstBuffer = 4096;

    private readonly WebSocket _socket;
    private readonly NafUwsHub _hub;
    private readonly Channel<ReadOnlyMemory<byte>> _outgoing = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new() { SingleReader = true });
    private readonly CancellationTokenSource _cutOff;
    private readonly TokenBucket _messages;
    private readonly TokenBucket _bytes;
    private readonly TokenBucket _indulgence;
    private long _queued;
    private NafUwsEnd? _end;

    public NafUwsConnection(WebSocket socket, NafUwsHub hub, ConnectDecision who, CancellationToken aborted)
    {
        NafUwsOptions options = hub.Options;
        _socket = socket;
        _hub = hub;
        Who = who;
        _cutOff = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _messages = new TokenBucket(options.MessagesPerSecond, options.MessageBurst, hub.Time);
        _bytes = new TokenBucket(options.BytesPerSecond, options.ByteBurst, hub.Time);
        _indulgence = new TokenBucket(options.MessagesPerSecond, options.MessageBurst, hub.Time);
    }

    /// <summary>What others know it by. Random, so that nobody can guess another's, or win a tie by choosing it.</summary>
    public string Id { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>As whom it was let in.</summary>
    public ConnectDecision Who { get; }

    /// <summary>Where it is; set by <see cref="NafUwsRooms"/> alone.</summary>
    public NafUwsRoom? Room { get; set; }

    /// <summary>Since when, Unix time.</summary>
    public long JoinedMillis { get; set; }

    /// <summary>Why it ended.</summary>
    public NafUwsEnd End => Volatile.Read(ref _end) ?? new NafUwsEnd(CloseCode.Abnormal, "");

    /// <summary>Has a message sent; never waits. Whoever lets too much pile up is cut off.</summary>
    /// <param name="message">Text; the same memory may go to many.</param>
    public void Enqueue(ReadOnlyMemory<byte> message)
    {
        if (Interlocked.Add(ref _queued, message.Length) <= _hub.Options.QueueBytes)
        {
            _outgoing.Writer.TryWrite(message);
            return;
        }

        if (Finish(new NafUwsEnd(CloseCode.SlowReceiver, "Too much waits for a page that does not read.")))
        {
            CutOff(TimeSpan.Zero);
        }
    }

    /// <summary>Has it closed after what is still to be sent, and cut off if that takes too long.</summary>
    public void Close(CloseCode code, string text)
    {
        if (Finish(new NafUwsEnd(code, text)))
        {
            CutOff(CloseTime);
        }
    }

    /// <summary>Serves it until it has ended.</summary>
    public async Task RunAsync()
    {
        Task sending = SendAsync();
        using (ITimer tooLate = _hub.Time.CreateTimer(_ => CloseUnlessJoined(), null, _hub.JoinTimeout, Timeout.InfiniteTimeSpan))
        {
            try
            {
                await ReceiveAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (IsOfTheConnection(e))
            {
                // Cut off, by either side. What was wrong, if anything, has been noted.
            }
            finally
            {
                _hub.Rooms.Leave(this);
                Close(CloseCode.Abnormal, "");
                await sending.ConfigureAwait(false);
                _cutOff.Dispose();
            }
        }
    }

    private static bool IsOfTheConnection(Exception e) =>
        e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    private bool Finish(NafUwsEnd end)
    {
        // In this order: whoever finds the queue complete wants to know why.
        bool isFirst = Interlocked.CompareExchange(ref _end, end, null) is null;
        _outgoing.Writer.TryComplete();
        return isFirst;
    }

    /// <summary>
    /// Ends whatever still goes on, after a while and on a thread of its own: the caller may be another page's, and hold the rooms' lock.
    /// </summary>
    private void CutOff(TimeSpan after)
    {
        try
        {
            _cutOff.CancelAfter(after);
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    private void CloseUnlessJoined()
    {
        if (JoinedMillis == 0)
        {
            Close(CloseCode.Timeout, "No joinRoom came in time.");
        }
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (ReadOnlyMemory<byte> message in _outgoing.Reader.ReadAllAsync(_cutOff.Token).ConfigureAwait(false))
            {
                await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _cutOff.Token).ConfigureAwait(false);
                Interlocked.Add(ref _queued, -message.Length);
            }

            if (End.Code != CloseCode.Abnormal)
            {
                await _socket.CloseOutputAsync((WebSocketCloseStatus)End.Code, End.Text, _cutOff.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsOfTheConnection(e))
        {
            Finish(new NafUwsEnd(CloseCode.Abnormal, ""));
            CutOff(TimeSpan.Zero);
        }
    }

    /// <summary>Reads until the peer closes. After our own close what comes is thrown away.</summary>
    private async Task ReceiveAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        int count = 0;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult result = await _socket.ReceiveAsync(
                    buffer.AsMemory(count), _cutOff.Token).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    Close(CloseCode.Normal, "");
                    return;
                }

                count += result.Count;
                if (_end is null && Violation(result, count) is { } end)
                {
                    Refuse(end);
                }

                if (_end is not null)
                {
                    count = 0;
                }
                else if (result.EndOfMessage)
                {
                    await HandleAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
                    count = 0;
                }
                else if (count == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, count).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode == WebSocketError.Faulted)
        {
            Refuse(new NafUwsEnd(CloseCode.InvalidPayload, "The message is not UTF-8."));
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private NafUwsEnd? Violation(ValueWebSocketReceiveResult result, int count) =>
        result.MessageType != WebSocketMessageType.Text ? new NafUwsEnd(CloseCode.UnsupportedData, "Messages are text.")
        : count > _hub.Options.MaxMessageBytes
            ? new NafUwsEnd(CloseCode.MessageTooBig, $"A message is at most {_hub.Options.MaxMessageBytes} bytes.")
        : null;

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> text)
    {
        if (!_messages.TryTake(1) || !_bytes.TryTake(text.Length))
        {
            if (!_indulgence.TryTake(1))
            {
                Refuse(new NafUwsEnd(
                    CloseCode.RateLimited,
                    $"More than {_hub.Options.MessagesPerSecond} messages or {_hub.Options.BytesPerSecond} bytes a second."));
            }

            return;
        }

        if (!NafUwsMessage.TryRead(text, out NafUwsMessage message, out string problem))
        {
            Refuse(new NafUwsEnd(CloseCode.InvalidPayload, problem));
            return;
        }

        switch (message.Event)
        {
            case NafUwsMessage.JoinRoom:
                if (await _hub.RefusalAsync(Who, message.Room!, _cutOff.Token).ConfigureAwait(false) is { } refusal)
                {
                    Refuse(new NafUwsEnd(CloseCode.Forbidden, refusal));
                    return;
                }

                _hub.Rooms.Join(this, message.Room!);
                break;
            case NafUwsMessage.Send:
                // Whoever is not in the room may just have left: no offence.
                if (Room?.Pages.TryGetValue(message.To!, out NafUwsConnection? receiver) == true)
                {
                    receiver.Enqueue(message.Stamp(Id));
                }

                break;
            case NafUwsMessage.Broadcast:
                if (Room is { Pages: { Count: > 1 } pages })
                {
                    byte[] stamped = message.Stamp(Id);
                    foreach (NafUwsConnection page in pages.Values)
                    {
                        if (page != this)
                        {
                            page.Enqueue(stamped);
                        }
                    }
                }

                break;
        }
    }

    /// <summary>Out of the room at once, and closed.</summary>
    private void Refuse(NafUwsEnd end)
    {
        _hub.Rooms.Leave(this);
        Close(end.Code, end.Text);
    }
}

/// <summary>How a connection ends.</summary>
/// <param name="Code">The WebSocket close code.</param>
/// <param name="Text">Why, for a person; at most 123 bytes.</param>
internal sealed record NafUwsEnd(CloseCode Code, string Text);
