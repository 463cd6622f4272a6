using System.Threading.Tasks.Sources;

namespace Relay.Core.Transport.Direct;

/// <summary>Somebody waits until a descriptor is ready for one thing. One waiter, who goes on on the thread pool.</summary>
internal sealed class Readiness : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _isWaiting;

    /// <summary>Whether somebody waits.</summary>
    public bool IsWaiting => Volatile.Read(ref _isWaiting) == 1;

    /// <summary>Begins to wait.</summary>
    /// <returns>Whether the descriptor is ready; false: the wait was given up.</returns>
    public ValueTask<bool> Begin()
    {
        _core.Reset();
        Volatile.Write(ref _isWaiting, 1);
        return new ValueTask<bool>(this, _core.Version);
    }

    /// <summary>Ends the wait, if there is one. Any thread.</summary>
    public void End(bool isReady)
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1)
        {
            _core.SetResult(isReady);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
