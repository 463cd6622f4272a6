using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Relay.Core.Hosting;

/// <summary>Which call it is, for the log.</summary>
internal readonly record struct CallName(string Handler, string Method, string Room);

/// <summary>What came of a call.</summary>
/// <param name="IsDone">Whether it returned, in time.</param>
/// <param name="Value">What it returned.</param>
/// <param name="Failure">Otherwise one line for whoever had asked.</param>
internal readonly record struct Called<T>(bool IsDone, T? Value, string Failure);

/// <summary>Calls the embedder's room handlers: on threads of their own, within their time. Whatever goes wrong is a line in the log and a
/// failure to whoever asked, never more.</summary>
internal sealed class HandlerCalls(TimeSpan limit, int threads, TimeProvider time, ILogger log)
{
    /// <summary>What the caller is told when a handler threw.</summary>
    public const string Failed = "The server could not decide.";

    /// <summary>What the caller is told when a handler took too long.</summary>
    public const string Late = "The server could not decide in time.";

    private readonly HandlerThreads _threads = new(threads);
    private readonly ConcurrentDictionary<object, byte> _overdue = new(ReferenceEqualityComparer.Instance);

    public HandlerStats Stats { get; } = new();

    /// <summary>How long a call may take.</summary>
    public TimeSpan Limit => limit;

    /// <summary>Makes a call.</summary>
    /// <param name="name">Which.</param>
    /// <param name="call">The call.</param>
    /// <param name="caller">Who asks: while a call of theirs overruns they get no other, so that nobody blocks more than one thread. Null
    /// for the room.</param>
    /// <param name="ended">Called when it has returned, in time or not.</param>
    /// <param name="aborted">Whoever asks has gone.</param>
    /// <exception cref="OperationCanceledException">Whoever asks has gone.</exception>
    public async Task<Called<T>> CallAsync<T>(
        CallName name,
        Func<CancellationToken, ValueTask<T>> call,
        object? caller = null,
        Action? ended = null,
        CancellationToken aborted = default)
    {
        if (caller is not null && _overdue.ContainsKey(caller))
        {
            Interlocked.Increment(ref Stats.Late);
            return new Called<T>(false, default, Late);
        }

        // Never disposed: it has no timer, and a call that is given up may go on using its token.
        var given = new CancellationTokenSource();
        Task<T> running = Task.Factory.StartNew(
            () => given.IsCancellationRequested ? Task.FromCanceled<T>(given.Token) : call(given.Token).AsTask(),
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            _threads).Unwrap();
        if (ended is not null)
        {
            Follow(running, ended);
        }

        try
        {
            return new Called<T>(true, await running.WaitAsync(limit, time, aborted).ConfigureAwait(false), "");
        }
        catch (Exception) when (!running.IsCompleted)
        {
            GiveUp(running, given, caller);
            aborted.ThrowIfCancellationRequested();
            Interlocked.Increment(ref Stats.Late);
            log.HandlerLate(name.Handler, name.Method, name.Room, limit);
            return new Called<T>(false, default, Late);
        }
        catch (Exception e)
        {
            return new Called<T>(false, default, Fail(name, e));
        }
    }

    /// <summary>A handler has failed.</summary>
    /// <returns>What to tell whoever asked.</returns>
    public string Fail(CallName name, Exception exception)
    {
        Interlocked.Increment(ref Stats.Failed);
        log.HandlerFailed(exception, name.Handler, name.Method, name.Room);
        return Failed;
    }

    private void GiveUp(Task running, CancellationTokenSource given, object? caller)
    {
        // What is called back then is the embedder's code: not on this thread.
        _ = given.CancelAsync();
        if (caller is not null)
        {
            _overdue[caller] = 0;
        }

        Follow(running, () => _overdue.TryRemove(caller ?? running, out _));
    }

    /// <summary>Does something when a call has returned. What it throws after its time concerns nobody.</summary>
    private static void Follow(Task running, Action then) => _ = running.ContinueWith(
        task =>
        {
            _ = task.Exception;
            then();
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
