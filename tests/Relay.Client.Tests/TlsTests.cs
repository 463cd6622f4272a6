using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Client.Tests.Kit;
using Relay.Protocol.Frames;

namespace Relay.Client.Tests;

/// <summary>TLS beneath raw TCP, protocol-spec.md §2: the same preface and frames, inside.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task Preface_hello_and_welcome_go_through_tls_and_the_goodbye_ends_it_in_good_order()
    {
        using X509Certificate2 certificate = SelfSigned();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = new RelayClientOptions
        {
            Tls = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString(),
            },
        };
        await using var client = new RelayClient(new Recorder(), options);
        Task connecting = client.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        using TcpClient peer = await listener.AcceptTcpClientAsync(patience.Token);
        await using var tls = new SslStream(peer.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, patience.Token);

        byte[] preface = new byte[ConnectionPreface.Size];
        await tls.ReadExactlyAsync(preface, patience.Token);
        Assert.Equal(ConnectionPreface.Bytes.ToArray(), preface);
        Assert.Equal(FrameType.Hello, await ReadAsync(tls, patience.Token));
        await tls.WriteAsync(Frames.Welcome(), patience.Token);
        await connecting;

        Task closing = client.CloseAsync();
        FrameType type;
        while ((type = await ReadAsync(tls, patience.Token)) != FrameType.Close)
        {
            Assert.Equal(FrameType.Ping, type);
        }

        Assert.Equal(0, await tls.ReadAsync(preface, patience.Token));
        peer.Close();
        await closing;
    }

    private static async Task<FrameType> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] header = new byte[FrameHeader.Size];
        await stream.ReadExactlyAsync(header, cancellationToken);
        FrameHeader read = FrameHeader.Read(header);
        await stream.ReadExactlyAsync(new byte[read.BodyLength], cancellationToken);
        return read.Type;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
