using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Host.Accounts;
using Relay.Host.Accounts.SigningIn;
using Relay.Host.Api;
using Relay.Host.Bridges.NafUws;
using Relay.Host.Files;
using Relay.Host.Files.Serving;
using Relay.Host.Monitor;
using Relay.Host.Storage;
using Relay.Host.Webhooks;

namespace Relay.Host;

/// <summary>The program: the relay on embedded defaults, its pages, health and diagnostics.</summary>
internal static class RelayHost
{
    /// <summary>Runs until it is told to stop.</summary>
    /// <returns>0; 2 for options that cannot work; 1 when it cannot start, for instance because a port is taken.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        WebApplication app;
        try
        {
            app = Build(args);
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (OptionsValidationException e)
        {
            foreach (string failure in e.Failures)
            {
                await Console.Error.WriteLineAsync("relay: " + failure).ConfigureAwait(false);
            }

            return 2;
        }
        catch (InvalidOperationException e) when (e.InnerException is FormatException or InvalidCastException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"relay: {e.Message} {e.InnerException.Message}").ConfigureAwait(false);
            return 2;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or CryptographicException
            or StoreUnavailableException or StorageRefusedException)
        {
            await Console.Error.WriteLineAsync("relay: " + e.Message).ConfigureAwait(false);
            return 1;
        }

        await using (app.ConfigureAwait(false))
        {
            Announce(app);
            await app.WaitForShutdownAsync().ConfigureAwait(false);
        }

        return Environment.ExitCode;
    }

    /// <summary>Puts the program together.</summary>
    /// <param name="args">Settings, as on the command line.</param>
    /// <param name="configure">What else is to be said before it is built; null for nothing.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // The content root is where the program lies, so that it finds its settings from any working directory.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        IConfigurationSection section = builder.Configuration.GetSection("Relay");
        var host = new HostOptions();
        section.GetSection("Host").Bind(host);
        string[] problems = [.. host.Validate()];
        if (problems.Length > 0)
        {
            throw new OptionsValidationException(nameof(HostOptions), typeof(HostOptions), problems);
        }

        // That the start failed is said in one line by RunAsync, not once more with a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            IPAddress address = IPAddress.Parse(host.Address);
            kestrel.Listen(address, host.HttpPort, listen => Secure(listen, host));
            kestrel.Listen(address, host.TcpPort, listen => Secure(listen, host).UseRelay());
        });
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddRelay(section);
        builder.Services.AddRelay(options => options.AllowAnonymous |= host.Development);
        builder.Services.AddHealthChecks().AddRelay();
        builder.Services.AddRelayStorage(section.GetSection("Storage"));
        builder.Services.AddRelayAccounts(section.GetSection("Accounts"));
        builder.Services.AddRelaySignIn(section.GetSection("Accounts"), host);
        builder.Services.AddRelayWebhooks(section.GetSection("Webhooks"));
        builder.Services.AddRelayApi(section.GetSection("Api"));
        builder.Services.AddRelayFiles(section.GetSection("Files"));
        builder.Services.AddNafUws(host.NafUws);
        builder.Services.AddSingleton<Sampler>();
        configure?.Invoke(builder);

        WebApplication app = builder.Build();
        app.UseFilesOrigin();
        app.UseRelayAccounts();
        app.UseRelayApi();
        app.MapRelaySignIn(host);
        app.MapMonitor(host);
        app.MapRelay("/relay");
        app.MapRelayApi();
        app.MapFiles();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains("ready"),
            ResponseWriter = ReadyResponse.WriteAsync,
        });
        app.MapFirstPage(host, atRoot: !app.MapWebAssets(host.WebRoot));
        app.UseNafUws(host.NafUws);
        if (host.Development)
        {
            app.MapDiagnostics();
        }

        return app;
    }

    private static ListenOptions Secure(ListenOptions listen, HostOptions host) => host.Tls ? listen.UseHttps() : listen;

    /// <summary>Says where to go: one line for programs, the rest for people.</summary>
    private static void Announce(WebApplication app)
    {
        (string http, string tcp, bool isTls) = Endpoints(app);
        Console.WriteLine($"relay: ready http={http} tcp={tcp} pid={Environment.ProcessId}");
        Console.WriteLine($"relay: storage {app.Services.GetRequiredService<Database>().Description}");
        Console.WriteLine($"relay: open {(isTls ? "https" : "http")}://{http}/ in a browser. Ctrl+C stops.");
    }

    /// <summary>Where the two endpoints listen, with the ports that they really got: HTTP is bound first.</summary>
    internal static (string Http, string Tcp, bool IsTls) Endpoints(WebApplication app)
    {
        Uri[] bound = [.. app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Select(address => new Uri(address))];
        return (bound[0].Authority, bound[1].Authority, bound[0].Scheme == Uri.UriSchemeHttps);
    }
}
