using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Relay.Load.Cli;
using Relay.Load.Recordings.Download;
using Relay.Load.Recordings.Print;
using Relay.Load.Recordings.Replay;
using Relay.Load.Wire;
using Relay.Protocol.Frames;

namespace Relay.Load.Recordings;

/// <summary>The command lines of <c>record</c> and <c>replay</c>: names, texts and defaults.</summary>
internal sealed class RecordingArguments
{
    private const int MaxRoomBytes = 255;

    private readonly Option<string?> _room = New<string?>("--room", "The room to record", null);
    private readonly Option<double> _seconds = New("--seconds", "Seconds to follow the room; 0: only what its recorder still has", 0.0);
    private readonly Option<string> _url = New("--url", "HTTP address of a server in development mode", "http://127.0.0.1:7300");
    private readonly Option<string?> _out = New<string?>(
        "--out", "File to write (default NAME-yyyyMMdd-HHmmss.rlog); - for standard output", null);


    private readonly Argument<string> _file = new("FILE") { Description = "A recording (.rlog)" };
    private readonly Option<bool> _print = New("--print", "Print it as text, a line a frame; the default without --to", false);
    private readonly Option<uint?> _member = New<uint?>("--member", "Print only what this member sent, or was sent alone", null);
    private readonly Option<string?> _type = New<string?>("--type", "Print only frames of this type, such as SetAttribute", null);
    private readonly Option<bool> _verbose = New("--verbose", "Print lists and values whole", false);
    private readonly Option<string?> _to = New<string?>("--to", "HOST:PORT of a server that runs: play it there", null);
    private readonly Option<string?> _into = New<string?>("--room", "The room to play in (default: of the recorded name)", null);
    private readonly Option<double> _speed = New("--speed", "How much faster than recorded", 1.0);
    private readonly Option<double> _stay = New("--stay", "Seconds that members stay who are in the room at the end", 0.0);
    private readonly Option<LoadTransport> _transport = new("--transport")
    {
        Description = "tcp (default) or ws",
        CustomParser = ReadTransport,
    };

    public RecordingArguments()
    {
        Record = new Command("record", "Keeps what a room's flight recorder has, and what follows, in a file.")
        {
            _room, _seconds, _url, _out,
        };
        Replay = new Command("replay", "Prints a recording, or plays it to a server.")
        {
            _file, _print, _member, _type, _verbose, _to, _into, _speed, _stay, _transport,
        };
        Root = new RootCommand("Recordings of Relay's rooms.") { Record, Replay };
    }

    public RootCommand Root { get; }

    public Command Record { get; }

    public Command Replay { get; }

    /// <summary>Reads what was parsed.</summary>
    /// <returns>The options, or <c>null</c> and what is wrong.</returns>
    public RecordOptions? ReadRecord(ParseResult parsed, out string? problem)
    {
        string? room = parsed.GetValue(_room);
        double seconds = parsed.GetValue(_seconds);
        problem = CheckRoom(room) ?? Range("--seconds", seconds, 0, RecordOptions.MaxSeconds);
        if (!Uri.TryCreate(parsed.GetValue(_url), UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            problem ??= $"--url must be an absolute URL such as http://127.0.0.1:7300; it is '{parsed.GetValue(_url)}'";
        }

        return problem is null ? new RecordOptions(room!, seconds, url!, parsed.GetValue(_out)) : null;
    }

    /// <summary>Reads what was parsed.</summary>
    /// <returns>The options, or <c>null</c> and what is wrong.</returns>
    public ReplayOptions? ReadReplay(ParseResult parsed, out string? problem)
    {
        string? to = parsed.GetValue(_to), room = parsed.GetValue(_into);
        double speed = parsed.GetValue(_speed), stay = parsed.GetValue(_stay);
        FrameType? type = null;
        problem = CheckUse(parsed, to is not null) ?? (room is null ? null : CheckRoom(room)) ??
            Range("--speed", speed, 0.01, 1000) ?? Range("--stay", stay, 0, 86_400) ?? ReadType(parsed.GetValue(_type), ref type);
        if (to is not null && !LoadOptions.TrySplit(to, out _, out _))
        {
            problem ??= $"--to must be HOST:PORT with a port of 1 to 65535; it is '{to}'";
        }

        return problem is not null ? null : new ReplayOptions
        {
            File = parsed.GetValue(_file)!,
            To = to,
            Room = room,
            Speed = speed,
            Transport = parsed.GetValue(_transport),
            Stay = stay,
            Print = new PrintOptions(parsed.GetValue(_member), type, parsed.GetValue(_verbose)),
        };
    }

    /// <summary>What belongs to the other use would be ignored without a word.</summary>
    private string? CheckUse(ParseResult parsed, bool isPlayed)
    {
        Option[] others = isPlayed ? [_print, _member, _type, _verbose] : [_into, _speed, _stay, _transport];
        return Array.Find(others, option => parsed.GetResult(option) is OptionResult { Implicit: false }) is not { } given
            ? null
            : isPlayed
                ? $"{given.Name} is for printing a recording: it cannot be given with --to"
                : $"{given.Name} is for playing a recording to a server: it needs --to";
    }

    private static string? ReadType(string? name, ref FrameType? type)
    {
        if (name is null)
        {
            return null;
        }

        bool isKnown = Enum.TryParse(name, ignoreCase: true, out FrameType known) && Enum.IsDefined(known) && !char.IsDigit(name[0]);
        type = isKnown ? known : null;
        return isKnown ? null : $"--type must be the name of a frame type, such as SetAttribute; it is '{name}'";
    }

    private static LoadTransport ReadTransport(ArgumentResult argument)
    {
        string name = argument.Tokens.Count > 0 ? argument.Tokens[0].Value : string.Empty;
        if (!TransportNames.TryRead(name, out LoadTransport transport))
        {
            argument.AddError($"--transport must be tcp or ws; it is '{name}'");
        }

        return transport;
    }

    private static string? CheckRoom(string? room) => room is null
        ? "--room is needed: which room?"
        : System.Text.Encoding.UTF8.GetByteCount(room) is >= 1 and <= MaxRoomBytes
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"--room must be 1 to {MaxRoomBytes} bytes; it is '{room}'");

    private static string? Range(string option, double value, double low, double high) => value >= low && value <= high
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{option} must be {low} to {high}; it is {value}");

    private static Option<T> New<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
