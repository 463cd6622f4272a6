using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using Relay.Host.Files.Store;

namespace Relay.Host.Files.Images;

/// <summary>How a run of the program ended.</summary>
internal enum RunEnd
{
    /// <summary>By itself: see its exit code.</summary>
    Exited,

    /// <summary>It could not be started.</summary>
    NotStarted,

    /// <summary>It took too long, and nobody kept it waiting.</summary>
    Late,

    /// <summary>It wrote more than it may.</summary>
    TooLong,

    /// <summary>The original could not be read, or came too slowly, or the receiver took too long.</summary>
    Hindered,

    /// <summary>Nobody waits for it, or the receiver takes no more.</summary>
    Cut,
}

/// <summary>What came of a run.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitCode">As a shell counts: 128 and the signal's number if it was a signal.</param>
/// <param name="Said">What it wrote to standard error, or what hindered it; for logs only.</param>
/// <param name="Written">Bytes that it has written.</param>
internal readonly record struct RunResult(RunEnd End, int ExitCode, string Said, long Written);

/// <summary>
/// One process from its start to its end: fed, read, and bounded in time. When this is over, so is the process, and the system has
/// forgotten it. Should the server itself be killed, its ends of the pipes are closed and the process ends by that, or by its limit of the
/// processor's time. (The signal that the kernel can send in that case comes when the thread ends that started the process, and threads
/// of a pool do end.)
/// </summary>
internal sealed class ImageRun : IDisposable
{
    private const int BufferLength = 1 << 16, MostSaid = 1 << 16;

    private readonly Process _process;
    private readonly FeedStream _feed;
    private readonly long _mostWritten;
    private readonly CancellationToken _cancelled;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _stop;
    private string? _hindrance;
    private bool _isReceiving;
    private long _written;

    private ImageRun(Process process, long mostWritten, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        _process = process;
        _mostWritten = mostWritten;
        _feed = new FeedStream(process.StandardInput.BaseStream);
        _cancelled = cancellationToken;
        _late = new CancellationTokenSource(timeout, time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _late.Token);
    }

    /// <summary>Runs a program.</summary>
    /// <param name="start">What to start, with all three streams redirected.</param>
    /// <param name="source">Writes to its standard input; null for nothing.</param>
    /// <param name="to">Gets its standard output; flushed, not completed.</param>
    /// <param name="mostWritten">How many bytes that may be.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<RunResult> RunAsync(
        ProcessStartInfo start, ImageSource? source, PipeWriter to, long mostWritten, TimeSpan timeout, TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new RunResult(RunEnd.NotStarted, 0, e.Message, 0);
        }

        using var run = new ImageRun(process, mostWritten, timeout, time, cancellationToken);
        return await run.EndAsync(source, to).ConfigureAwait(false);
    }

    public void Dispose()
    {
        // Process leaves them to whoever may still use them.
        _feed.Dispose();
        _process.StandardOutput.Dispose();
        _process.StandardError.Dispose();
        _stop.Dispose();
        _late.Dispose();
    }

    private async Task<RunResult> EndAsync(ImageSource? source, PipeWriter to)
    {
        Task feeding = FeedAsync(source);
        Task<string> listening = ListenAsync();
        RunEnd? end = await ReadAsync(to).ConfigureAwait(false);
        if (end == RunEnd.Exited)
        {
            await listening.ConfigureAwait(false);
        }
        else if (!_process.HasExited)
        {
            // Not asked to end: what is broken might not. It has no children, but a script in its place may.
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        bool isLate = _late.IsCancellationRequested && !_cancelled.IsCancellationRequested;
        await _stop.CancelAsync().ConfigureAwait(false);
        await feeding.ConfigureAwait(false);
        string said = await listening.ConfigureAwait(false);

        // Who ended it is known; and if it was the time, who has taken it.
        end ??= _hindrance is not null ? RunEnd.Hindered : isLate ? RunEnd.Late : RunEnd.Cut;
        return new RunResult(end.Value, _process.ExitCode, end == RunEnd.Hindered ? _hindrance! : said, _written);
    }

    /// <summary>Hands on what the program writes, until it has ended.</summary>
    /// <returns>Null if it must be ended, for a reason that lies elsewhere.</returns>
    private async Task<RunEnd?> ReadAsync(PipeWriter to)
    {
        try
        {
            Stream output = _process.StandardOutput.BaseStream;
            while (true)
            {
                int count = await output.ReadAsync(to.GetMemory(BufferLength), _stop.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                _written += count;
                if (_written > _mostWritten)
                {
                    return RunEnd.TooLong;
                }

                to.Advance(count);
                _isReceiving = true;
                FlushResult flushed = await to.FlushAsync(_stop.Token).ConfigureAwait(false);
                _isReceiving = false;
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    return RunEnd.Cut;
                }
            }

            await _process.WaitForExitAsync(_stop.Token).ConfigureAwait(false);
            return RunEnd.Exited;
        }
        catch (OperationCanceledException)
        {
            if (_isReceiving && _late.IsCancellationRequested)
            {
                _hindrance ??= "the receiver was too slow";
            }

            return null;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            return RunEnd.Cut;
        }
    }

    /// <summary>Gives the program the original, and then the end of it.</summary>
    private async Task FeedAsync(ImageSource? source)
    {
        string? problem = null;
        try
        {
            if (source is not null)
            {
                StoreOutcome outcome = await source.CopyToAsync(_feed, _stop.Token).ConfigureAwait(false);
                problem = outcome.IsDone ? null : outcome.Reason;
            }
        }
        catch (Exception e)
        {
            problem = e.Message;
        }

        if (problem is null || _feed.IsRefused)
        {
            await _feed.DisposeAsync().ConfigureAwait(false);
        }
        else if (!_stop.IsCancellationRequested)
        {
            // The end of it would look to the program like that of a short original: so it is not told.
            _hindrance = problem;
            await _stop.CancelAsync().ConfigureAwait(false);
        }
        else if (_late.IsCancellationRequested && !_feed.IsHeldUp)
        {
            _hindrance ??= "the original came too slowly";
        }
    }

    /// <summary>Reads what the program complains of, all of it, so that it does not wait for that; only the beginning is kept.</summary>
    private async Task<string> ListenAsync()
    {
        Stream errors = _process.StandardError.BaseStream;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MostSaid);
        byte[] rest = ArrayPool<byte>.Shared.Rent(BufferLength);
        int length = 0;
        try
        {
            while (true)
            {
                Memory<byte> free = length < MostSaid ? buffer.AsMemory(length, MostSaid - length) : rest;
                int count = await errors.ReadAsync(free, _stop.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                length = Math.Min(length + count, MostSaid);
            }
        }
        catch (OperationCanceledException)
        {
            // What there is will do.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rest);
        }

        string said = Encoding.UTF8.GetString(buffer, 0, length);
        ArrayPool<byte>.Shared.Return(buffer);
        return said;
    }
}
