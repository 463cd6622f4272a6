using Relay.Load.Measure;
using Relay.Load.Walkers;

namespace Relay.Load.RoomState;

/// <summary>
/// A thread that has every client act when it is due, cuts connections and lets them come back, and has clients leave and come again. What
/// is due is due, however slow the server is.
/// </summary>
internal sealed class StateDriver : IDisposable
{
    /// <summary>How often what has come is judged.</summary>
    private const long SettleNanos = 50_000_000;

    private const long Second = 1_000_000_000;

    /// <summary>Most come back at once, some after so long that the room may have forgotten what they missed.</summary>
    private const long LongAbsenceNanos = 10 * Second;

    private const int LongAbsenceOneIn = 10;

    /// <summary>Fewer than this in a room are not made fewer: it would end.</summary>
    private const int FewestToLeaveFrom = 3;

    private readonly StateClient[] _clients;
    private readonly Workload _workload;
    private readonly DriverPlan _plan;
    private readonly Random _random;
    private readonly PriorityQueue<Action<long>, long> _agenda = new();
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly Thread _thread;
    private readonly Schedule _schedule;

    public StateDriver(StateClient[] clients, Workload workload, DriverPlan plan)
    {
        _clients = clients;
        _workload = workload;
        _plan = plan;
        _random = new Random(plan.Seed);
        long start = Clock.NowNanos + (SettleNanos / 5);
        _schedule = new Schedule(start, clients.Length, plan.Rate);
        Repeat(start, SettleNanos, Settle);
        Repeat(start, PeriodOf(plan.Disconnects), CutOne);
        Repeat(start, PeriodOf(plan.Leaves), LeaveOne);
        _thread = new Thread(Run) { IsBackground = true, Name = "state driver" };
        _thread.Start();
    }

    /// <summary>How much later than due clients acted: the tester's own part of the latency.</summary>
    public LatencyHistogram Lag { get; } = new();

    /// <summary>Deeds done.</summary>
    public long Deeds { get; private set; }

    /// <summary>Connections that were cut.</summary>
    public long Cuts { get; private set; }

    /// <summary>Clients that left.</summary>
    public long Leaves { get; private set; }

    public void Stop()
    {
        _stop.Set();
        _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    private static long PeriodOf(double perSecond) => perSecond > 0 ? (long)(Second / perSecond) : 0;

    private void Repeat(long start, long period, Action<long> act)
    {
        if (period > 0)
        {
            _agenda.Enqueue(Again, start + (period / 2));
        }

        void Again(long due)
        {
            act(due);
            _agenda.Enqueue(Again, due + period);
        }
    }

    private void Run()
    {
        for (long turn = 0; ;)
        {
            long now = Clock.NowNanos;
            long due = _schedule.DueNanos(turn);
            _agenda.TryPeek(out _, out long planned);
            if (planned <= now)
            {
                _agenda.Dequeue()(planned);
            }
            else if (due <= now)
            {
                Act(_clients[_schedule.WalkerOf(turn++)], due, now);
            }
            else if (_stop.WaitOne((int)Math.Clamp((Math.Min(due, planned) - now) / 1_000_000, 1, 50)))
            {
                return;
            }

            if (turn % 64 == 0 && _stop.WaitOne(0))
            {
                return;
            }
        }
    }

    private void Act(StateClient client, long due, long now)
    {
        lock (client.Room.Gate)
        {
            if (client.IsLive)
            {
                Lag.Record(now - due);
                Deeds++;
                _workload.Act(client, due);
            }
        }
    }

    private void Settle(long due)
    {
        foreach (RoomRecord room in _clients.Select(client => client.Room).Distinct())
        {
            lock (room.Gate)
            {
                room.Settle();
            }
        }
    }

    private void CutOne(long due)
    {
        StateClient client = _clients[_random.Next(_clients.Length)];
        lock (client.Room.Gate)
        {
            if (!client.IsOnline)
            {
                return;
            }

            Cuts++;
            if (_random.Next(2) == 0 && client.IsLive)
            {
                client.BreaksNext = true;
                _workload.Act(client, due);
                client.BreaksNext = false;
            }

            client.Cut();
            long absence = _random.Next(LongAbsenceOneIn) == 0 ? LongAbsenceNanos : _random.NextInt64(Second);
            _agenda.Enqueue(_ => Return(client), due + absence);
        }
    }

    private static void Return(StateClient client)
    {
        lock (client.Room.Gate)
        {
            client.Connect();
        }
    }

    private void LeaveOne(long due)
    {
        StateClient client = _clients[_random.Next(_clients.Length)];
        lock (client.Room.Gate)
        {
            if (client.IsLive && client.Room.Present.Count(stay => stay.HasSnapshot) > FewestToLeaveFrom)
            {
                Leaves++;
                client.Leave();
                _agenda.Enqueue(again => Rejoin(client, again), due + _random.NextInt64(Second / 5, Second));
            }
        }
    }

    private void Rejoin(StateClient client, long due)
    {
        lock (client.Room.Gate)
        {
            if (client.Stay is null && client.IsOnline)
            {
                client.Join(withCursor: _random.Next(2) == 0);
            }
            else
            {
                // It has not been answered yet, or has lost its connection meanwhile.
                _agenda.Enqueue(again => Rejoin(client, again), due + (Second / 5));
            }
        }
    }
}
