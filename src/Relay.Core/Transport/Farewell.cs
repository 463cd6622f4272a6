using System.Buffers;
using System.IO.Pipelines;
using Relay.Core.Transport.Ingress;

namespace Relay.Core.Transport;

/// <summary>After our Close: gives the peer a moment to hang up first. What it still sends is thrown away, since a socket that is closed
/// with unread bytes resets, and the reset may overtake the Close.</summary>
internal static class Farewell
{
    /// <summary>How long a peer that was told to go may take.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

    public static async Task DiscardAsync(PipeReader input, FrameSource source, TimeProvider time, CancellationToken aborted)
    {
        using var grace = new CancellationTokenSource(LingerTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, aborted);
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(either.Token).ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = result.Buffer;
                bool answered = source.SkipToClose(ref buffer);
                input.AdvanceTo(buffer.Start, buffer.End);
                if (answered || result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (grace.IsCancellationRequested)
        {
            // It had its moment.
        }
    }
}
