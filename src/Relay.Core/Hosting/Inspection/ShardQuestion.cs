using Relay.Core.Rooms;

namespace Relay.Core.Hosting;

/// <summary>To a shard: say how things stand, or do this. The answer is a copy that any thread may read.</summary>
internal sealed class ShardQuestion<T> : ShardMessage
{
    private readonly Func<Shard, T> _ask;
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ShardQuestion(Func<Shard, T> ask) => _ask = ask;

    /// <summary>Asks.</summary>
    /// <param name="shard">Whom.</param>
    /// <param name="ask">What; called by the shard's thread.</param>
    /// <returns>The answer; cancelled when the shard has ended.</returns>
    public static Task<T> Ask(Shard shard, Func<Shard, T> ask)
    {
        var question = new ShardQuestion<T>(ask);
        shard.Lane.Push(question);
        if (shard.IsOver)
        {
            question.Abandon();
        }

        return question._answer.Task;
    }

    public override void Handle(Shard shard)
    {
        try
        {
            _answer.TrySetResult(_ask(shard));
        }
#pragma warning disable CA1031 // Whoever only looks must not bring a shard down: the fault is theirs alone.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _answer.TrySetException(e);
        }
    }

    public override void Abandon() => _answer.TrySetCanceled();
}
