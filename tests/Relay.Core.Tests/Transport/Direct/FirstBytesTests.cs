using System.Text;
using Relay.Core.Transport.Direct;
using Relay.Protocol.Frames;

namespace Relay.Core.Tests.Transport.Direct;

/// <summary>Whom a connection is for must be told from any beginning of its first bytes, and never wrongly for good.</summary>
public sealed class FirstBytesTests
{
    [Theory]
    [InlineData("GET /relay HTTP/1.1\r\n", "/relay")]
    [InlineData("GET /relay/ HTTP/1.1\r\n", "/relay")]
    [InlineData("GET /RELAY?x=1 HTTP/1.1\r\n", "relay/")]
    [InlineData("GET /prefix/relay HTTP/1.1\r\n", "/relay")]
    [InlineData("GET /acme/relay HTTP/1.1\r\n", "/{tenant}/relay")]
    [InlineData("GET /anything HTTP/1.1\r\n", "/{room}")]
    [InlineData("GET / HTTP/1.1\r\n", "/")]
    [InlineData("GET /world HTTP/1.1\r\n", "")]
    [InlineData("GET /two HTTP/1.1\r\n", "/one", "/two")]
    public void Request_ofARelayPath_isForTheRelay(string request, params string[] patterns) =>
        AssertJudged(Visitor.Relay, Encoding.ASCII.GetBytes(request), patterns);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("GET /relays HTTP/1.1\r\n")]
    [InlineData("GET /norelay HTTP/1.1\r\n")]
    [InlineData("GET /health?next=/relay HTTP/1.1\r\n")]
    [InlineData("POST /relay HTTP/1.1\r\n")]
    [InlineData("GOT /relay HTTP/1.1\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001")]
    [InlineData("\r\nGET /relay HTTP/1.1\r\n")]
    public void AnythingElse_isForOthers(string request) => AssertJudged(Visitor.Other, Encoding.Latin1.GetBytes(request), "/relay");

    [Fact]
    public void Preface_isForTheRelay_andNothingLikeItIs()
    {
        AssertJudged(Visitor.Relay, [.. ConnectionPreface.Bytes, 1, 2, 3]);
        for (int i = 1; i < ConnectionPreface.Size; i++)
        {
            byte[] spoiled = ConnectionPreface.Bytes.ToArray();
            spoiled[i] ^= 0x20;
            AssertJudged(Visitor.Other, spoiled);
        }
    }

    [Fact]
    public void Path_longerThanIsLookedAt_isForOthers()
    {
        string path = "/" + new string('a', FirstBytes.Enough) + "/relay";
        AssertJudged(Visitor.Other, Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\n")[..FirstBytes.Enough], "/relay");
    }

    /// <summary>Every shorter beginning must leave it open, or say the same.</summary>
    private static void AssertJudged(Visitor expected, byte[] bytes, params string[] patterns)
    {
        var firstBytes = new FirstBytes();
        foreach (string pattern in patterns)
        {
            firstBytes.AddPath(pattern);
        }

        Assert.Equal(Visitor.Unknown, firstBytes.Judge([]));
        for (int length = 1; length < bytes.Length; length++)
        {
            Assert.Contains(firstBytes.Judge(bytes.AsSpan(0, length)), (Visitor[])[Visitor.Unknown, expected]);
        }

        Assert.Equal(expected, firstBytes.Judge(bytes));
    }
}
