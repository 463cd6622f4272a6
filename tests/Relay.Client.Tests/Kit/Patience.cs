using Xunit.Sdk;

namespace Relay.Client.Tests.Kit;

/// <summary>Bounded waits: a test that would hang fails instead, and says what it waited for.</summary>
internal static class Patience
{
    /// <summary>Far above what anything here takes, so that only a mistake gets there.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits for a task.</summary>
    public static async Task InTimeAsync(this Task task, string what)
    {
        try
        {
            await task.WaitAsync(Limit, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            throw new XunitException($"Waited {Limit.TotalSeconds} s in vain for {what}.", e);
        }
    }

    /// <summary>Waits for a task.</summary>
    public static async Task<T> InTimeAsync<T>(this Task<T> task, string what)
    {
        await InTimeAsync((Task)task, what);
        return await task;
    }

    /// <summary>Waits for something that tells nobody when it comes true, such as a server's count.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new XunitException($"Waited {Limit.TotalSeconds} s in vain for {what}.");
            }

            await Task.Delay(Glance, TimeProvider.System);
        }
    }
}
