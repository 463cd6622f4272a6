using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security;
using System.Text.RegularExpressions;
using Relay.Protocol.Frames;

namespace Relay.Host.Tests;

/// <summary>The sample in README.md is a whole program, and works; the room logic beside it compiles with it.</summary>
public sealed partial class SampleHostTests
{
    private const int MaxLines = 30;

    [Fact]
    public async Task SampleHost_ofTheReadme_compilesRunsAndServes()
    {
        string readme = (await File.ReadAllTextAsync(Path.Combine(Layout.Root, "README.md"))).ReplaceLineEndings("\n");
        string code = Sample(readme, "sample-host"), room = Sample(readme, "sample-room");
        Assert.InRange(code.TrimEnd().Split('\n').Length, 3, MaxLines - 1);

        // Only the ports are others, so that nothing else on this machine is in the way.
        (int http, int tcp) = FreePorts();
        code = code.Replace("7300", Text(http), StringComparison.Ordinal).Replace("7301", Text(tcp), StringComparison.Ordinal);
        string credentials = Credentials().Match(code).Groups["word"].Value;
        string directory = Directory.CreateTempSubdirectory("relay-sample-").FullName;
        try
        {
            await WriteProjectAsync(directory, code, room);
            await using ChildProcess build = ChildProcess.Start(
                Layout.DotNet, ["build", "Sample.csproj", "-c", "Release", "-o", "out", "-nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false"], directory: directory);
            int result = await build.ExitAsync(TimeSpan.FromMinutes(2));
            Assert.True(result == 0, $"The sample does not build:\n{build}");

            await using ChildProcess host = ChildProcess.Start(Layout.DotNet, [Path.Combine(directory, "out", "Sample.dll")], "info: Microsoft.Hosting.Lifetime[0]", directory);
            await host.LineAsync();
            using FrameStream byTcp = await FrameStream.TcpAsync($"127.0.0.1:{Text(tcp)}");
            using FrameStream byWebSocket = await FrameStream.WebSocketAsync($"127.0.0.1:{Text(http)}");
            foreach (FrameStream visitor in new[] { byTcp, byWebSocket })
            {
                await visitor.HelloAsync(credentials);
                await visitor.UntilAsync(FrameType.Welcome);
            }

            // The same port serves ordinary requests, on one kept-alive connection.
            using var web = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Text(http)}/") };
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal("Healthy", await web.GetStringAsync("/health/ready"));
                Assert.Equal(HttpStatusCode.UpgradeRequired, (await web.GetAsync("/relay")).StatusCode);
                using var body = new ByteArrayContent(new byte[100_000]);
                Assert.Equal(HttpStatusCode.NotFound, (await web.PostAsync("/elsewhere", body)).StatusCode);
            }

            using FrameStream stranger = await FrameStream.TcpAsync($"127.0.0.1:{Text(tcp)}");
            await stranger.HelloAsync("something else");
            await stranger.UntilAsync(FrameType.Close);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static (int Http, int Tcp) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static async Task WriteProjectAsync(string directory, string code, string room)
    {
        string binaries = Path.GetDirectoryName(Layout.Program)!;
        string References(string name) => $"<Reference Include=\"{name}\" HintPath=\"{SecurityElement.Escape(Path.Combine(binaries, name + ".dll"))}\" />";
        await File.WriteAllTextAsync(Path.Combine(directory, "Program.cs"), code);
        await File.WriteAllTextAsync(Path.Combine(directory, "Room.cs"), room);

        // Package sources are cleared: what the sample needs is here already.
        await File.WriteAllTextAsync(Path.Combine(directory, "nuget.config"), "<configuration><packageSources><clear /></packageSources></configuration>");
        await File.WriteAllTextAsync(Path.Combine(directory, "Sample.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>{References("Relay.Core")}{References("Relay.Protocol")}</ItemGroup>
            </Project>
            """);
    }

    private static string Sample(string readme, string name)
    {
        Match sample = Samples().Matches(readme).SingleOrDefault(match => match.Groups["name"].Value == name)!;
        Assert.True(sample is not null, $"README.md holds no block ```csharp {name}.");
        return sample.Groups["code"].Value;
    }

    [GeneratedRegex("```csharp (?<name>\\S+)\n(?<code>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Samples();

    [GeneratedRegex("\"(?<word>[^\"]+)\"u8", RegexOptions.ExplicitCapture)]
    private static partial Regex Credentials();
}
