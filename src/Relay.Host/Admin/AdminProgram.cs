using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Storage;

namespace Relay.Host.Admin;

/// <summary>
/// The operators' commands: <c>Relay.Host admin …</c>, <c>./relay admin …</c>. With <c>--url</c> (and an API key with the scope admin in
/// <c>RELAY_ADMIN_KEY</c>) over REST on a running server, where it holds at once; without, on the database that the settings name. Ends
/// with 0, with 1 if it was not done, with 2 if the command is not one.
/// </summary>
internal static class AdminProgram
{
    public const string Word = "admin", KeyVariable = "RELAY_ADMIN_KEY";

    private static readonly Option<string?> Url = new("--url")
    {
        Description = "The running server, for instance http://127.0.0.1:7300. Default: none, so on the database.",
        Recursive = true,
    };

    private static readonly Option<string[]> Set = new("--set")
    {
        Description = "A setting of the server, as Relay:Storage:Directory=data. May come more than once.",
        Recursive = true,
    };

    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Build().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync("relay: " + parsed.Errors[0].Message).ConfigureAwait(false);
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AdminException or ApiProblem or StoreUnavailableException or StorageRefusedException
            or OptionsValidationException or IOException or UnauthorizedAccessException or UriFormatException)
        {
            await Console.Error.WriteLineAsync("relay: " + e.Message.ReplaceLineEndings(" ")).ConfigureAwait(false);
            return 1;
        }
    }

    private static RootCommand Build()
    {
        var name = new Argument<string>("name") { Description = "The room's name." };
        var account = new Argument<string>("account") { Description = "The account's id." };
        var role = new Argument<string>("role") { Description = "The role's name." };
        var subject = new Argument<string>("subject") { Description = "user: and an account's id, or address: and a network address." };
        var file = new Argument<string>("file") { Description = "The file." };
        var label = new Argument<string>("name") { Description = "What the key is for." };
        var title = new Option<string?>("--title") { Description = "What people call it." };
        var search = new Option<string>("--search")
        {
            Description = "What must be in name, title or description.",
            DefaultValueFactory = _ => "",
        };
        var until = new Option<DateTimeOffset?>("--until") { Description = "Until when. Default: for good." };
        var reason = new Option<string>("--reason") { Description = "Why.", DefaultValueFactory = _ => "" };
        var scope = new Option<string[]>("--scope")
        {
            Description = "admin or rooms; may come more than once. Default admin.",
            DefaultValueFactory = _ => ["admin"],
        };
        var other = new Option<string?>("--as") { Description = "The new room's name. Default: the one in the file." };
        return new RootCommand("Does what operators do by hand.")
        {
            Url,
            Set,
            new Command("room", "Rooms.")
            {
                Verb("create", "Makes a room.", [name, title], (desk, parsed, token) =>
                    desk.CreateRoomAsync(parsed.GetRequiredValue(name), parsed.GetValue(title), null, token)),
                Verb("list", "Lists rooms.", [search], async (desk, parsed, token) =>
                {
                    string text = parsed.GetRequiredValue(search);
                    await foreach ((string found, string of) in desk.RoomsAsync(text, token).ConfigureAwait(false))
                    {
                        Console.WriteLine(of.Length > 0 ? $"{found}\t{of}" : found);
                    }
                }),
                Verb("delete", "Deletes a room with all that is stored of it.", [name], (desk, parsed, token) =>
                    desk.DeleteRoomAsync(parsed.GetRequiredValue(name), token)),
                Verb("export", "Writes a room into a file.", [name, file], (desk, parsed, token) =>
                    ExportAsync(desk, parsed.GetRequiredValue(name), parsed.GetRequiredValue(file), token)),
                Verb("import", "Makes a room of a file.", [file, other], (desk, parsed, token) =>
                    ImportAsync(desk, parsed.GetRequiredValue(file), parsed.GetValue(other), parsed, token)),
            },
            new Command("role", "Roles.")
            {
                Verb("grant", "Gives somebody a role in a room.", [name, account, role], (desk, parsed, token) =>
                    desk.SetRoleAsync(
                        parsed.GetRequiredValue(name), parsed.GetRequiredValue(account), parsed.GetRequiredValue(role), token)),
                Verb("revoke", "Takes somebody's role away.", [name, account], (desk, parsed, token) =>
                    desk.SetRoleAsync(parsed.GetRequiredValue(name), parsed.GetRequiredValue(account), null, token)),
            },
            Verb("ban", "Bans somebody from a room.", [name, subject, until, reason], (desk, parsed, token) =>
                desk.BanAsync(
                    parsed.GetRequiredValue(name), parsed.GetRequiredValue(subject),
                    parsed.GetValue(until), parsed.GetRequiredValue(reason), token)),
            new Command("session", "Sessions.")
            {
                Verb("revoke", "Ends all sessions of an account.", [account], (desk, parsed, token) =>
                    desk.RevokeAsync(parsed.GetRequiredValue(account), token)),
            },
            new Command("account", "Accounts.")
            {
                Verb("disable", "Keeps an account out.", [account], (desk, parsed, token) =>
                    desk.SetDisabledAsync(parsed.GetRequiredValue(account), true, token)),
                Verb("enable", "Lets it in again.", [account], (desk, parsed, token) =>
                    desk.SetDisabledAsync(parsed.GetRequiredValue(account), false, token)),
                Verb("grant-admin", "Makes it an operator's, from its next tokens on.", [account], (desk, parsed, token) =>
                    desk.SetAdminAsync(parsed.GetRequiredValue(account), true, token)),
                Verb("revoke-admin", "Makes it an ordinary one again, and ends its sessions.", [account], (desk, parsed, token) =>
                    desk.SetAdminAsync(parsed.GetRequiredValue(account), false, token)),
            },
            new Command("key", "API keys.")
            {
                Verb(
                    "create",
                    "Makes an API key and prints it, this once. " +
                    "A running server knows it when it is made over --url, or at its next start.",
                    [label, scope],
                    async (desk, parsed, token) =>
                    {
                        string[] scopes = parsed.GetRequiredValue(scope);
                        Console.WriteLine(await desk.CreateKeyAsync(parsed.GetRequiredValue(label), scopes, token).ConfigureAwait(false));
                    }),
            },
        };
    }

    private static Command Verb(
        string name, string description, Symbol[] symbols, Func<IOperatorDesk, ParseResult, CancellationToken, Task> act)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        command.SetAction(async (parsed, token) =>
        {
            IOperatorDesk desk = await DeskAsync(parsed, token).ConfigureAwait(false);
            await using (desk.ConfigureAwait(false))
            {
                await act(desk, parsed, token).ConfigureAwait(false);
            }

            return 0;
        });
        return command;
    }

    private static async Task<IOperatorDesk> DeskAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Url) is not { } url)
        {
            return await LocalDesk.OpenAsync(Settings(parsed), cancellationToken).ConfigureAwait(false);
        }

        string key = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } known
            ? known
            : throw new AdminException($"With --url the environment variable {KeyVariable} must hold an API key with the scope admin.");
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https"
            ? new RemoteDesk(server, key)
            : throw new AdminException($"--url must be http://HOST:PORT or https://HOST:PORT; it is \"{url}\".");
    }

    private static IConfigurationRoot Settings(ParseResult parsed)
    {
        (string Key, string Value)[] given = [.. (parsed.GetValue(Set) ?? []).Select(text => text.Split('=', 2) is [var key, var value]
            ? (key, value)
            : throw new AdminException($"--set takes NAME=VALUE; it is \"{text}\"."))];
        return new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(given.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
            .Build();
    }

    private static async Task ExportAsync(IOperatorDesk desk, string name, string file, CancellationToken cancellationToken)
    {
        RoomFile room = await desk.ExportAsync(name, cancellationToken).ConfigureAwait(false);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(room, ApiJson.Default.RoomFile);
        await File.WriteAllBytesAsync(file, json, cancellationToken).ConfigureAwait(false);
    }

    private static async Task ImportAsync(
        IOperatorDesk desk, string file, string? name, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (new FileInfo(file) is { Exists: true, Length: > RoomFiles.MaxBytes } large)
        {
            throw new AdminException($"A room's file takes at most {RoomFiles.MaxBytes} bytes; this one takes {large.Length}.");
        }

        byte[] json = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
        RoomFile room = JsonBody.Parse(json, ApiJson.Default.RoomFile, "The file");
        var relay = new RelayOptions();
        Settings(parsed).GetSection("Relay").Bind(relay);
        RoomFiles.Check(room, relay.Room);
        await desk.CreateRoomAsync(name ?? room.Name, null, room, cancellationToken).ConfigureAwait(false);
    }
}
