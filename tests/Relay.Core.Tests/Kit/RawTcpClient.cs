using System.Net.Sockets;
using Relay.Protocol.Frames;

namespace Relay.Core.Tests.Kit;

/// <summary>Frames straight on the stream.</summary>
internal sealed class RawTcpClient : RawClient
{
    private RawTcpClient(Socket socket, Stream stream)
        : base(socket, stream)
    {
    }

    /// <summary>Connects.</summary>
    /// <param name="server">To whom.</param>
    /// <param name="wire">In the clear or inside TLS.</param>
    /// <param name="preface">Whether to send the preface.</param>
    /// <param name="receiveBuffer">The size of the kernel's receive buffer; 0 for the system's.</param>
    public static async Task<RawTcpClient> ConnectAsync(RelayTestServer server, Wire wire = Wire.Tcp, bool preface = true, int receiveBuffer = 0)
    {
        (Socket socket, Stream stream) = await DialAsync(server, wire, receiveBuffer);
        var client = new RawTcpClient(socket, stream);
        if (preface)
        {
            await client.SendBytesAsync(ConnectionPreface.Bytes.ToArray());
        }

        return client;
    }

    /// <summary>Connects and sends, in one piece with the preface, what comes behind it.</summary>
    public static new async Task<RawTcpClient> ConnectAsync(RelayTestServer server, Wire wire, byte[] behind, int segment = 0)
    {
        RawTcpClient client = await ConnectAsync(server, wire, preface: false);
        await client.SendBytesAsync(Frames.Concat(ConnectionPreface.Bytes.ToArray(), behind), segment);
        return client;
    }

    public override byte[] Wrap(byte[] frames) => frames;

    protected override Frame? TryTakeFrame()
    {
        if (FrameDecoder.Find(Received, FrameHeader.MaxBodyLength, out FrameHeader header) != FrameStatus.Complete)
        {
            return null;
        }

        var frame = new Frame(header.Type, Received.Slice(FrameHeader.Size, header.BodyLength).ToArray());
        Skip(FrameHeader.Size + header.BodyLength);
        return frame;
    }
}
