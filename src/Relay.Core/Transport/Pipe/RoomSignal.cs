namespace Relay.Core.Transport.Pipe;

/// <summary>Wakes a road that waits for room in its connection's queue. Rare, so a task each time is no matter.</summary>
internal sealed class RoomSignal
{
    private TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => Volatile.Read(ref _source).TrySetResult();

    public void Reset()
    {
        if (_source.Task.IsCompleted)
        {
            Volatile.Write(ref _source, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    public Task WaitAsync(CancellationToken cancellation) => _source.Task.WaitAsync(cancellation);
}
