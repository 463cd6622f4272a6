using BenchmarkDotNet.Attributes;
using Relay.Microbench.Kit;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Microbench;

/// <summary>What a client with one avatar sends: written by it, read by the server.</summary>
public class TransformUpdateBenchmark
{
    private readonly byte[] _plain = new byte[TransformUpdate.MaxSize(1)];
    private readonly byte[] _extended = new byte[TransformUpdate.MaxSize(1)];
    private readonly byte[] _out = new byte[TransformUpdate.MaxSize(1)];
    private readonly TransformUpdateEntry _entry = new(17, 3, Samples.Packed(5), default);
    private int _plainLength;
    private int _extendedLength;

    [GlobalSetup]
    public void Setup()
    {
        _plainLength = TransformUpdate.WriteSingle(_plain, Samples.Space, _entry);
        _extendedLength = TransformUpdate.WriteSingle(
            _extended, Samples.Space, _entry with { Extension = new TransformExtension { Flags = TransformFlags.Velocity, VelocityX = 120 } });
    }

    [Benchmark]
    public int Write() => TransformUpdate.WriteSingle(_out, Samples.Space, _entry);

    [Benchmark]
    public uint ReadPlain() => Read(_plain.AsSpan(FrameHeader.Size, _plainLength - FrameHeader.Size));

    [Benchmark]
    public uint ReadWithVelocity() => Read(_extended.AsSpan(FrameHeader.Size, _extendedLength - FrameHeader.Size));

    private static uint Read(ReadOnlySpan<byte> body)
    {
        uint slots = 0;
        if (TransformUpdate.TryRead(body, Samples.Space, out TransformUpdate update) == ReadStatus.Ok)
        {
            while (update.TryReadEntry(out TransformUpdateEntry entry))
            {
                slots += entry.Slot;
            }
        }

        return slots;
    }
}
