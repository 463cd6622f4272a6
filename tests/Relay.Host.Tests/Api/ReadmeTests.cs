using System.Text.RegularExpressions;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Api;

/// <summary>What README says of the REST interface, followed word for word, with the real program and curl.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task Rest_asReadmeSays_reachesWhoIsInTheRoom()
    {
        string commands = await BlockAsync("rest");
        Match setting = Setting().Match(commands), key = Key().Match(commands);
        Assert.True(setting.Success && key.Success);
        await using RelayProgram program = await RelayProgram.StartAsync(setting.Value.Replace("$RELAY_ADMIN_KEY", key.Groups["key"].Value, StringComparison.Ordinal));
        await using var ben = new Visitor("ben");
        await ben.ConnectAsync(program.Tcp);
        await ben.JoinAsync("lounge");
        await RunAsync(commands, program);
        Assert.Equal("set 0 color \"red\"", await ben.UntilAsync("set 0 color"));
    }

    [Fact]
    public async Task Ticket_asReadmeSays_letsAGuestIn()
    {
        await using RelayProgram program = await RelayProgram.StartAsync("--Relay:Host:Development=false");
        string[] lines = (await BlockAsync("ticket")).Split('\n');
        string guest = await RunAsync(lines[0], program);
        string token = Token().Match(guest).Groups["token"].Value;
        string ticket = Ticket().Match(await RunAsync($"ACCESS_TOKEN={token}\n{lines[1]}", program)).Groups["ticket"].Value;
        await using var anna = new Visitor(ticket);
        await anna.ConnectAsync(program.Tcp);
        await anna.JoinAsync("lounge");
    }

    [Fact]
    public async Task Files_asReadmeSays_areSentAndComeBackSmaller()
    {
        string directory = Directory.CreateTempSubdirectory("relay-readme-").FullName;
        byte[] picture = Picture.Png(1, 100_000);
        await File.WriteAllBytesAsync(Path.Combine(directory, "cat.png"), picture);
        await using RelayProgram program = await RelayProgram.StartAsync();
        await RunAsync($"cd {directory}\n{(await BlockAsync("files")).Replace("HASH", StoreBed.HashOf(picture).Hex, StringComparison.Ordinal)}", program);
        Assert.Equal("RIFF"u8.ToArray(), (await File.ReadAllBytesAsync(Path.Combine(directory, "small.webp")))[..4]);
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<string> BlockAsync(string name)
    {
        string readme = (await File.ReadAllTextAsync(Path.Combine(Layout.Root, "README.md"))).ReplaceLineEndings("\n");
        Match block = Regex.Match(readme, $"```sh {name}\n(?<sh>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, TimeSpan.FromSeconds(5));
        Assert.True(block.Success);
        return block.Groups["sh"].Value;
    }

    /// <summary>Only the port is another, and what the server refuses ends the shell.</summary>
    private static async Task<string> RunAsync(string commands, RelayProgram program)
    {
        string real = Place().Replace(commands, program.Http).Replace("curl ", "curl -fsS ", StringComparison.Ordinal);
        await using ChildProcess shell = ChildProcess.Start("/bin/sh", ["-ec", real]);
        int code = await shell.ExitAsync();
        Assert.True(code == 0, shell.ToString());
        return shell.ToString();
    }

    [GeneratedRegex("(127\\.0\\.0\\.1|localhost):7300", RegexOptions.ExplicitCapture)]
    private static partial Regex Place();

    [GeneratedRegex("--Relay:Accounts:AdminKey=\\S+")]
    private static partial Regex Setting();

    [GeneratedRegex("RELAY_ADMIN_KEY=(?<key>\\S+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Key();

    [GeneratedRegex("\"accessToken\":\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Token();

    [GeneratedRegex("\"ticket\":\"(?<ticket>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Ticket();
}
