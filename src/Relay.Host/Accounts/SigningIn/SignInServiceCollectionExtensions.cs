using Microsoft.Extensions.Options;
using Relay.Host.Accounts.SigningIn.Mail;
using Relay.Host.Accounts.SigningIn.Oidc;
using Relay.Host.Accounts.SigningIn.Wallet;

namespace Relay.Host.Accounts.SigningIn;

/// <summary>Adds the ways to sign in to the program.</summary>
internal static class SignInServiceCollectionExtensions
{
    /// <summary>Adds them. Needs accounts and the database.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="section">The section <c>Relay:Accounts</c>.</param>
    /// <param name="host">The program's options.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work: every problem in one line each.</exception>
    public static IServiceCollection AddRelaySignIn(this IServiceCollection services, IConfigurationSection section, HostOptions host)
    {
        var options = new SignInOptions();
        section.Bind(options);
        string[] problems = [.. options.Validate(host.Development)];
        if (problems.Length > 0)
        {
            throw new OptionsValidationException(nameof(SignInOptions), typeof(SignInOptions), problems);
        }

        services.AddSingleton(options);
        services.AddSingleton(new PublicAddress(options, host));
        services.AddSingleton<AdminList>();
        services.AddSingleton<SignInDesk>();
        services.AddSingleton<WalletDesk>();
        services.AddSingleton<OidcProviders>();
        services.AddSingleton<OidcFlow>();
        if (options.Oidc.Any(provider => provider.Audience is not null || provider.Introspection))
        {
            services.AddSingleton<IBearerVerifier, OidcBearerVerifier>();
        }

        if (HasMail(options, host))
        {
            services.AddSingleton<IMailSender>(options.Mail.Host is null ? new ConsoleMailSender() : new SmtpMailSender(options.Mail));
            services.AddSingleton<MailQueue>();
            services.AddHostedService(provider => provider.GetRequiredService<MailQueue>());
            services.AddSingleton<MailAskLimit>();
            services.AddSingleton<MailDesk>();
        }

        return services;
    }

    /// <summary>Maps <c>/api/v1/auth/…</c> and the page behind links in mails.</summary>
    /// <param name="app">The program.</param>
    /// <param name="host">The program's options.</param>
    public static void MapRelaySignIn(this WebApplication app, HostOptions host)
    {
        var options = app.Services.GetRequiredService<SignInOptions>();
        RouteGroupBuilder auth = app.MapGroup("/api/v1/auth").AddEndpointFilter(SignInAnswers.GuardAsync);
        app.MapWays();
        auth.MapWallet(options);
        auth.MapOidc();
        auth.MapIdentities();
        if (HasMail(options, host))
        {
            auth.MapMail(app);
        }
    }

    private static bool HasMail(SignInOptions options, HostOptions host) => options.Mail.Host is not null || host.Development;
}
