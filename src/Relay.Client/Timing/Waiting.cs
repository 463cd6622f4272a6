namespace Relay.Client;

/// <summary>Waiting for tasks with a token or a timeout; hides what differs between target frameworks.</summary>
internal static class Waiting
{
#if NET
    public static Task<T> ForAsync<T>(Task<T> task, CancellationToken cancellationToken) => task.WaitAsync(cancellationToken);

    public static Task ForAsync(Task task, CancellationToken cancellationToken) => task.WaitAsync(cancellationToken);

    public static Task ForAsync(Task task, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken) =>
        task.WaitAsync(timeout, time, cancellationToken);

    public static Task DelayAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken) =>
        Task.Delay(delay, time, cancellationToken);

    public static CancellationTokenSource Timeout(TimeSpan timeout, TimeProvider time) => new(timeout, time);
#else
    public static Task<T> ForAsync<T>(Task<T> task, CancellationToken cancellationToken) =>
        task.WaitAsync(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    public static Task ForAsync(Task task, CancellationToken cancellationToken) =>
        task.WaitAsync(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    public static Task ForAsync(Task task, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken) =>
        task.WaitAsync(timeout, time, cancellationToken);

    public static Task DelayAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken) =>
        time.Delay(delay, cancellationToken);

    public static CancellationTokenSource Timeout(TimeSpan timeout, TimeProvider time) => time.CreateCancellationTokenSource(timeout);
#endif
}
