using System.Diagnostics.CodeAnalysis;

namespace Relay.Core.Hosting;

/// <summary>
/// Threads of their own for the embedder's room handlers, made when they are needed and ended when they are not: a handler that blocks
/// takes one of these, not one of the pool's few, on which connections are served. When all of them are blocked, calls wait, and overrun
/// their time.
/// </summary>
internal sealed class HandlerThreads(int most) : TaskScheduler
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [ThreadStatic]
    private static HandlerThreads? _ofThisThread;

    private readonly object _gate = new();
    private readonly Queue<Task> _waiting = [];
    private int _threads;
    private int _idle;

    public override int MaximumConcurrencyLevel => most;

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _waiting.Enqueue(task);
            if (_waiting.Count <= _idle)
            {
                Monitor.Pulse(_gate);
            }
            else if (_threads < most)
            {
                _threads++;
                new Thread(Run) { IsBackground = true, Name = "relay-handler" }.UnsafeStart();
            }
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        ReferenceEquals(_ofThisThread, this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
        {
            return [.. _waiting];
        }
    }

    private void Run()
    {
        _ofThisThread = this;
        while (TryTake(out Task? task))
        {
            TryExecuteTask(task);
        }
    }

    /// <returns>False when there has been nothing to do for long enough.</returns>
    private bool TryTake([NotNullWhen(true)] out Task? task)
    {
        lock (_gate)
        {
            while (!_waiting.TryDequeue(out task))
            {
                _idle++;
                bool woken = Monitor.Wait(_gate, Patience);
                _idle--;
                if (!woken && _waiting.Count == 0)
                {
                    _threads--;
                    return false;
                }
            }

            return true;
        }
    }
}
