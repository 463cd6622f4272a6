using Relay.Core.Rooms;
using Relay.Core.Transport.Ingress;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Transforms;

namespace Relay.Microbench;

/// <summary>A room with members behind outlets that swallow what they get: the hot path from a frame's body to the last copy, without
/// sockets.</summary>
internal sealed class RoomFixture
{
    private readonly SharedBufferPool _pool = new();
    private readonly Connection[] _connections;
    private readonly FrameDispatcher[] _dispatchers;
    private readonly byte[] _frame = new byte[TransformUpdate.MaxSize(1)];
    private long _now = 1_000_000;
    private uint _x;

    public RoomFixture(int members)
    {
        Shard = new Shard(new ShardSettings { IdleTimeoutMicros = long.MaxValue, HeartbeatMicros = long.MaxValue }, _pool);
        _connections = new Connection[members];
        _dispatchers = new FrameDispatcher[members];
        var options = new RoomOptions { Capacity = members };
        var limits = new IngressLimits { FramesPerSecond = 0 };
        var stats = new IngressStats();
        for (int i = 0; i < members; i++)
        {
            _connections[i] = new Connection(Shard, new SwallowingOutlet(), "bot"u8.ToArray(), _pool, _now);
            _dispatchers[i] = new FrameDispatcher(_connections[i], limits, _pool, stats, _now);
            Shard.Lane.Push(new Arrival(_connections[i]));
            _connections[i].Post(new Command(CommandKind.Join) { Join = new JoinRequest(1, false, "bench", options) });
        }

        Tick();
        Tick();
    }

    public Shard Shard { get; }

    public SharedBufferPool Pool => _pool;

    public Room Room => Shard.FindRoom("bench")!;

    /// <summary>Every member sends one frame: dispatched, put into its mailbox.</summary>
    public void MoveEverybody()
    {
        _x = (_x + 1) % 100_000;
        for (int i = 0; i < _connections.Length; i++)
        {
            Seat seat = _connections[i].Seat!;
            var entry = new TransformUpdateEntry((uint)seat.Slot, seat.Generation, seat.Space.Pack(_x, 2, 3, SmallestThree.Identity), default);
            int length = TransformUpdate.WriteSingle(_frame, seat.Space, entry);
            _dispatchers[i].Dispatch(FrameType.TransformUpdate, _frame.AsSpan(FrameHeader.Size, length - FrameHeader.Size), _now);
        }
    }

    /// <summary>One tick: what moved is fetched, encoded once and handed to everybody.</summary>
    public void Tick()
    {
        _now += 50_000;
        Shard.Step(_now);
    }

    private sealed class SwallowingOutlet : Outlet
    {
        private readonly byte[] _pipe = new byte[64 * 1024];

        public override bool IsReady => true;

        // The copy is part of the cost on the pipe road.
        public override void Write(SharedBuffer frames) => frames.Frames[..Math.Min(frames.Length, _pipe.Length)].CopyTo(_pipe);

        public override void Flush()
        {
        }

        public override void Close(CloseReason reason)
        {
        }

        public override void Abort(CloseReason reason)
        {
        }
    }
}
