using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Relay.Core.Rooms;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>Takes from the shards what happens in rooms, without ever making them wait, and tells observers of it, one after the
/// other.</summary>
internal sealed class RoomObservation : IRoomWatch, IDisposable
{
    /// <summary>The most that wait: what comes then is dropped, so that what is told is without gaps up to a point in time.</summary>
    public const int MostWaiting = 8192;

    private readonly IRoomObserver[] _observers;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<Told> _waiting =
        Channel.CreateBounded<Told>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, AllowSynchronousContinuations = false });

    private Task _telling = Task.CompletedTask;
    private long _dropped;
    private bool _isDisposed;

    public RoomObservation(IEnumerable<IRoomObserver> observers, TimeProvider time, ILogger log)
    {
        _observers = [.. observers];
        _time = time;
        _log = log;
    }

    /// <summary>One thing and what is to be called for it.</summary>
    private delegate ValueTask Told(IRoomObserver observer, CancellationToken cancellationToken);

    /// <summary>Whether anybody looks.</summary>
    public bool IsWanted => _observers.Length > 0;

    /// <summary>What was not told, since too much waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Begins to tell.</summary>
    public void Start() => _telling = IsWanted ? Task.Run(TellAsync) : Task.CompletedTask;

    /// <summary>Tells what waits, within a time, and no more.</summary>
    public async Task StopAsync(TimeSpan most)
    {
        _waiting.Writer.TryComplete();
        try
        {
            await _telling.WaitAsync(most, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _end.CancelAsync().ConfigureAwait(false);
        }
    }

    public void Opened(Room room)
    {
        RoomNews news = NewsOf(room);
        Add((observer, end) => observer.RoomOpenedAsync(news, end));
    }

    public void Closed(Room room)
    {
        RoomNews news = NewsOf(room);
        Add((observer, end) => observer.RoomClosedAsync(news, end));
    }

    public void Joined(Member member)
    {
        MemberNews news = NewsOf(member);
        Add((observer, end) => observer.MemberJoinedAsync(news, end));
    }

    public void Left(Member member, CloseCode reason)
    {
        MemberNews news = NewsOf(member);
        Add((observer, end) => observer.MemberLeftAsync(news, reason, end));
    }

    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        if (!_isDisposed)
        {
            _isDisposed = true;
            _end.Cancel();
            _end.Dispose();
        }
    }

    private RoomNews NewsOf(Room room) => new(RoomInstance.BaseOf(room.Name), room.Name, room.Epoch, _time.GetUtcNow());

    private MemberNews NewsOf(Member member) => new(
        NewsOf(member.Room), member.Id, member.Receiver.Connection.Who.UserId, Encoding.UTF8.GetString(member.NameUtf8),
        member.Room.Roles[member.Role].Name);

    private void Add(Told told)
    {
        if (!_waiting.Writer.TryWrite(told) && Interlocked.Increment(ref _dropped) == 1)
        {
            _log.ObserversTooSlow(MostWaiting);
        }
    }

    private async Task TellAsync()
    {
        CancellationToken end = _end.Token;
        await foreach (Told told in _waiting.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            foreach (IRoomObserver observer in _observers)
            {
                if (end.IsCancellationRequested)
                {
                    return;
                }

                await TellAsync(told, observer, end).ConfigureAwait(false);
            }
        }
    }

    private async Task TellAsync(Told told, IRoomObserver observer, CancellationToken end)
    {
#pragma warning disable CA1031 // Whatever an embedder's code throws, the next call is made.
        try
        {
            await told(observer, end).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _log.ObserverFailed(e, observer.GetType().Name);
        }
#pragma warning restore CA1031
    }
}
