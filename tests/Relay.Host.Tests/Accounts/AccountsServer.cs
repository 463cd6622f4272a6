using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Relay.Host.Tests.Accounts;

/// <summary>The program in this process: on free ports, with its database in memory, a calendar that tests can put forward, and all that it
/// logs, down to the last detail.</summary>
internal sealed class AccountsServer : IAsyncDisposable
{
    public const string AdminKey = "an-operators-key-of-some-length-0123456789";

    private readonly WebApplication _app;
    private readonly LogBook _log;

    private AccountsServer(WebApplication app, ShiftedTime time, LogBook log)
    {
        _app = app;
        _log = log;
        Time = time;
        (Http, Tcp, _) = RelayHost.Endpoints(app);
        Client = NewClient(null);
    }

    public string Http { get; }

    public string Tcp { get; }

    public ShiftedTime Time { get; }

    public HttpClient Client { get; }

    public string Log => string.Join('\n', _log.Lines);

    public static async Task<AccountsServer> StartAsync(params string[] arguments)
    {
        var time = new ShiftedTime();
        var log = new LogBook();
        WebApplication app = RelayHost.Build(
            [
                "--Relay:Host:HttpPort=0", "--Relay:Host:TcpPort=0", "--Relay:Storage:ConnectionString=Data Source=:memory:",
                "--Relay:Host:Development=false", "--Relay:Accounts:AdminKey=" + AdminKey, "--Relay:Accounts:GuestsPerMinute=1000",
                "--Relay:Accounts:FailuresPerMinute=1000", "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft.AspNetCore=Trace", .. arguments,
            ],
            builder =>
            {
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
                builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace).AddFilter(_ => true);
            });
        await app.StartAsync();
        return new AccountsServer(app, time, log);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A client that shows a bearer with each request.</summary>
    public HttpClient NewClient(string? bearer) => new()
    {
        BaseAddress = new Uri($"http://{Http}/api/v1/auth/"),
        DefaultRequestHeaders = { Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer) },
    };

    /// <summary>A new guest.</summary>
    public async Task<Guest> GuestAsync(string? name = null)
    {
        JsonNode answer = await JsonAsync(await Client.PostAsJsonAsync("guest", new { name }));
        return new Guest(this, answer);
    }

    /// <summary>A room permission token, issued by an operator.</summary>
    public async Task<string> RoomTokenAsync(object request)
    {
        using HttpClient admin = NewClient(AdminKey);
        return (string)(await JsonAsync(await admin.PostAsJsonAsync("room-token", request)))["roomToken"]!;
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>Somebody who has come in.</summary>
    internal sealed class Guest(AccountsServer server, JsonNode tokens)
    {
        public string Account => (string)tokens["accountId"]!;

        public string Session => (string)tokens["sessionId"]!;

        public string Access { get; private set; } = (string)tokens["accessToken"]!;

        public string Refresh { get; private set; } = (string)tokens["refreshToken"]!;

        public Task<HttpResponseMessage> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

        public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

        public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body)
        {
            using HttpClient client = server.NewClient(Access);
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            return await client.SendAsync(request);
        }

        public async Task<HttpStatusCode> MeAsync() => (await GetAsync("me")).StatusCode;

        public async Task<string> TicketAsync(string? room = null) => (string)(await JsonAsync(await PostAsync("ticket", new { room })))["ticket"]!;

        /// <summary>Exchanges the refresh token and keeps what it gets.</summary>
        public async Task<HttpStatusCode> RefreshAsync()
        {
            HttpResponseMessage answer = await server.Client.PostAsJsonAsync("refresh", new { refreshToken = Refresh });
            if (answer.IsSuccessStatusCode)
            {
                JsonNode next = await JsonAsync(answer);
                (Access, Refresh) = ((string)next["accessToken"]!, (string)next["refreshToken"]!);
            }

            return answer.StatusCode;
        }
    }

    /// <summary>The system's time, put forward. Timers are the system's.</summary>
    internal sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }

    private sealed class LogBook : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines.Enqueue($"{formatter(state, exception)} {exception}");
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
            {
                Lines.Enqueue(string.Join(' ', values.Select(value => $"{value.Key}={value.Value}")));
            }
        }

        public void Dispose()
        {
        }
    }
}
