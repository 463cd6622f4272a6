using System.Collections.Concurrent;
using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Hosting;

/// <summary>
/// An embedder's handler in one room. What the room's shard tells it waits in a bounded queue and is told one after the other; what members
/// ask is decided at once, each for itself.
/// </summary>
#pragma warning disable CA1001 // A semaphore that is only awaited holds nothing to be disposed of, and calls may end after the room.
internal sealed class RoomLogic : IRoomLogic
#pragma warning restore CA1001
{
    /// <summary>Calls of the queue that may be running, all but one of them beyond their time; then it waits.</summary>
    private const int MaxRunning = 8;

    private readonly HandlerBinding _binding;
    private readonly RoomHandlers _handlers;
    private readonly Room _room;
    private readonly RoomContext _context;
    private readonly Lock _gate = new();
    private readonly Queue<Work> _queue = [];
    private readonly SemaphoreSlim _running = new(MaxRunning);
    private readonly ConcurrentDictionary<uint, Task> _entering = [];
    private readonly HashSet<uint> _untold = [];
    private readonly long _interval;
    private long _lastImage;
    private bool _isWorking;
    private bool _isFull;
    private int _isTicking;

    /// <summary>On the shard's thread.</summary>
    public RoomLogic(HandlerBinding binding, RoomHandlers handlers, Shard shard, Room room)
    {
        _binding = binding;
        _handlers = handlers;
        _room = room;
        _context = new RoomContext(shard, room, handlers.Limits);
        _interval = (long)binding.Tick.TotalMicroseconds;
        _lastImage = shard.Now - _interval;
        NextTick = _interval == 0 ? long.MaxValue : GridAfter(shard.Now);
    }

    public long NextTick { get; private set; }

    private IRoomHandler Handler => _binding.Handler;

    private HandlerCalls Calls => _handlers.Calls;

    public bool Decides(CommandKind kind) => kind == CommandKind.SendEvent ? _binding.WantsMessages : _binding.WantsState;

    public void Joined(Member member)
    {
        if (!_binding.WantsJoined)
        {
            return;
        }

        if (IsFull())
        {
            _untold.Add(member.Id);
            return;
        }

        var who = new RoomMember(member);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _entering[who.Id] = told.Task;
        Enqueue(new Work(nameof(IRoomHandler.JoinedAsync), token => Handler.JoinedAsync(_context, who, token))
        {
            Told = () =>
            {
                _entering.TryRemove(who.Id, out _);
                told.SetResult();
            },
        });
    }

    public void Leaving(Member member, CloseCode reason)
    {
        // Whoever's arrival was told: there are no more of these than of those and of members, so they need no bound of their own.
        if (_binding.WantsLeaving && !_untold.Remove(member.Id) && (_binding.WantsJoined || !IsFull()))
        {
            var who = new RoomMember(member);
            Enqueue(new Work(nameof(IRoomHandler.LeavingAsync), token => Handler.LeavingAsync(_context, who, reason, token)));
        }
    }

    public void Tick(long now)
    {
        NextTick = GridAfter(now);
        if (_room.Members.Count == 0)
        {
            return;
        }

        if (Interlocked.Exchange(ref _isTicking, 1) == 1)
        {
            Interlocked.Increment(ref Calls.Stats.TicksSkipped);
            return;
        }

        var image = new RoomImage(_room, TimeSpan.FromMicroseconds(now - _lastImage));
        _lastImage = now;
        Enqueue(new Work(nameof(IRoomHandler.TickAsync), token => Handler.TickAsync(_context, image, token))
        {
            Ended = () => Volatile.Write(ref _isTicking, 0),
        });
    }

    public void Decide(Member member, Decision decision)
    {
        var sender = new RoomMember(member);
        Task entered = _entering.GetValueOrDefault(sender.Id, Task.CompletedTask);
        if (decision.Command.Kind == CommandKind.SendEvent)
        {
            var message = new RoomMessage(sender, decision.Command);
            _ = DecideAsync(decision, entered, nameof(IRoomHandler.MessageAsync), token => Handler.MessageAsync(_context, message, token));
        }
        else
        {
            StateRequest request = StateRequest.Read(sender, decision.Command, _room.Space);
            _ = DecideAsync(
                decision, entered, nameof(IRoomHandler.StateChangingAsync), token => Handler.StateChangingAsync(_context, request, token));
        }
    }

    public void Ended() => _context.End();

    private long GridAfter(long now) => ((now / _interval) + 1) * _interval;

    private CallName NameOf(string method) => new(_binding.Name, method, _room.Name);

    private async Task DecideAsync(Decision decision, Task entered, string method, Func<CancellationToken, ValueTask<MessageVerdict>> ask)
    {
        CallName name = NameOf(method);
        Called<MessageVerdict> called = await Calls.CallAsync(
            name,
            async token =>
            {
                await entered.WaitAsync(token).ConfigureAwait(false);
                return await ask(token).ConfigureAwait(false);
            },
            decision.Connection).ConfigureAwait(false);
        if (!called.IsDone || called.Value.Refusal is not null)
        {
            decision.Refuse(called.Value.Refusal ?? called.Failure);
        }
        else if (called.Value.Replacement is not { } content)
        {
            decision.Complete(decision.Command);
        }
        else if (Replace(decision.Command, content.Span) is { } replaced)
        {
            decision.Command.Payload!.Release();
            decision.Complete(replaced);
        }
        else
        {
            var reason = new InvalidOperationException("The message cannot have the content that the handler gave it.");
            decision.Refuse(Calls.Fail(name, reason));
        }
    }

    /// <summary>The command with other content.</summary>
    /// <returns>Null when it cannot have this one.</returns>
    private Command? Replace(in Command command, ReadOnlySpan<byte> content)
    {
        if (command.Kind == CommandKind.SendEvent)
        {
            bool isFit = content.Length <= _handlers.Limits.MaxEventPayload &&
                Signals.Check(new SendEvent
                {
                    Kind = command.EventKind,
                    Audience = command.Audience,
                    Radius = command.Radius,
                    Payload = content,
                }).IsNone;
            return isFit ? command with { Payload = Copy(content) } : null;
        }

        if (command.Type != FrameType.SetAttribute ||
            SetAttribute.TryRead(command.Payload!.Frames, out SetAttribute asked) != ReadStatus.Ok ||
            asked.Operation is not (AttributeOperation.Set or AttributeOperation.Merge) ||
            content.Length > FrameHeader.MaxBodyLength - SetAttribute.MaxOverhead)
        {
            return null;
        }

        var writer = new FrameWriter(new byte[SetAttribute.MaxOverhead + content.Length]);
        new SetAttribute
        {
            Sequence = asked.Sequence,
            Operation = asked.Operation,
            Target = asked.Target,
            Expected = asked.Expected,
            Terms = asked.Terms,
            KeyUtf8 = asked.KeyUtf8,
            Path = asked.Path,
            Value = content,
        }.Write(ref writer);
        return command with { Payload = Copy(writer.WrittenSpan[FrameHeader.Size..]) };
    }

    private SharedBuffer Copy(ReadOnlySpan<byte> bytes)
    {
        SharedBuffer copy = _room.Pool.Rent(bytes.Length);
        bytes.CopyTo(copy.Writable);
        copy.Seal(bytes.Length);
        return copy;
    }

    private void Enqueue(Work work)
    {
        bool begins;
        lock (_gate)
        {
            _queue.Enqueue(work);
            (begins, _isWorking) = (!_isWorking, true);
        }

        if (begins)
        {
            _ = Task.Run(WorkAsync);
        }
    }

    /// <summary>Whether so many calls wait that nothing more is told; says so once each time that it comes to this.</summary>
    private bool IsFull()
    {
        bool was = _isFull;
        lock (_gate)
        {
            _isFull = _queue.Count >= _handlers.Limits.HandlerQueue;
        }

        if (_isFull)
        {
            Interlocked.Increment(ref Calls.Stats.Untold);
            if (!was)
            {
                _handlers.Log.HandlerQueueFull(_binding.Name, _room.Name, _handlers.Limits.HandlerQueue);
            }
        }

        return _isFull;
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            Work? work;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out work))
                {
                    _isWorking = false;
                    return;
                }
            }

            await _running.WaitAsync().ConfigureAwait(false);
            await Calls.CallAsync(
                NameOf(work.Method),
                async token =>
                {
                    await work.Call(token).ConfigureAwait(false);
                    return true;
                },
                caller: null,
                ended: () =>
                {
                    _running.Release();
                    work.Ended?.Invoke();
                }).ConfigureAwait(false);
            work.Told?.Invoke();
        }
    }

    /// <summary>A call that waits its turn.</summary>
    private sealed record Work(string Method, Func<CancellationToken, ValueTask> Call)
    {
        /// <summary>Called when it has returned or overrun its time.</summary>
        public Action? Told { get; init; }

        /// <summary>Called when it has returned; only for a tick.</summary>
        public Action? Ended { get; init; }
    }
}
