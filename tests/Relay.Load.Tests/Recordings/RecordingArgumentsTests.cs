using Relay.Load.Recordings;

namespace Relay.Load.Tests.Recordings;

public sealed class RecordingArgumentsTests
{
    [Theory]
    [InlineData("relay record: --room is needed: which room?", "record")]
    [InlineData("relay record: --seconds must be 0 to 3600; it is -1", "record", "--room", "x", "--seconds", "-1")]
    [InlineData(
        "relay record: --url must be an absolute URL such as http://127.0.0.1:7300; it is 'here'", "record", "--room", "x", "--url", "here")]
    [InlineData("relay replay: --to must be HOST:PORT with a port of 1 to 65535; it is 'here'", "replay", "x", "--to", "here")]
    [InlineData("relay replay: --speed is for playing a recording to a server: it needs --to", "replay", "x", "--speed", "2")]
    [InlineData(
        "relay replay: --member is for printing a recording: it cannot be given with --to", "replay", "x", "--to", "h:1", "--member", "2")]
    [InlineData(
        "relay replay: --type must be the name of a frame type, such as SetAttribute; it is 'Blah'", "replay", "x", "--type", "Blah")]
    [InlineData("relay replay: --transport must be tcp or ws; it is 'udp'", "replay", "x", "--to", "h:1", "--transport", "udp")]
    public async Task Wrong_arguments_are_one_line_and_exit_code_2(string expected, params string[] words)
    {
        using var errors = new StringWriter();
        Assert.Equal(2, await new RecordingApp(TextWriter.Null, errors).RunAsync(words));
        Assert.Equal(expected, errors.ToString().TrimEnd());
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("replay", "x", "--bogus")]
    [InlineData("record", "--seconds", "soon")]
    public async Task Arguments_that_cannot_be_read_are_one_line_and_exit_code_2(params string[] words)
    {
        using var errors = new StringWriter();
        Assert.Equal(2, await new RecordingApp(TextWriter.Null, errors).RunAsync(words));
        Assert.StartsWith($"relay {words[0]}: ", Assert.Single(errors.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }
}
