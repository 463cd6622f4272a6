using BenchmarkDotNet.Attributes;
using Relay.Microbench.Kit;
using Relay.Protocol.Frames;
using Relay.Protocol.Transforms;

namespace Relay.Microbench;

/// <summary>Finding frames in what a client sent: 100 transform updates in one read.</summary>
public class FrameDecoderBenchmark
{
    private const int Frames = 100;

    private byte[] _stream = [];

    [GlobalSetup]
    public void Setup()
    {
        byte[] one = new byte[TransformUpdate.MaxSize(1)];
        int length = TransformUpdate.WriteSingle(one, Samples.Space, new TransformUpdateEntry(17, 3, Samples.Packed(5), default));
        _stream = [.. Enumerable.Repeat(one[..length], Frames).SelectMany(frame => frame)];
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public int Find()
    {
        ReadOnlySpan<byte> input = _stream;
        int bodies = 0;
        while (FrameDecoder.Find(input, 16_384, out FrameHeader header) == FrameStatus.Complete)
        {
            bodies += header.BodyLength;
            input = input[(FrameHeader.Size + header.BodyLength)..];
        }

        return bodies;
    }
}
