using Relay.Load.Measure;

namespace Relay.Load.Recordings.Replay;

/// <summary>The thread that plays rooms: every millisecond it does what is due.</summary>
internal sealed class ReplayPlayer : IDisposable
{
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly TaskCompletionSource _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private volatile ReplayRoom[] _rooms = [];

    public ReplayPlayer()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "replay" };
        _thread.Start();
    }

    /// <summary>Fails if the thread does.</summary>
    public Task Fault => _fault.Task;

    /// <summary>These rooms are played from now on, and no others.</summary>
    public void Play(IEnumerable<ReplayRoom> rooms) => _rooms = [.. rooms];

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stop.WaitOne(1))
            {
                foreach (ReplayRoom room in _rooms)
                {
                    room.Play(Clock.NowNanos);
                }
            }
        }
#pragma warning disable CA1031 // whoever waits for the replay gets it, instead of the process ending without a word
        catch (Exception e)
#pragma warning restore CA1031
        {
            _fault.TrySetException(e);
        }
    }
}
