using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Host.Accounts.Http;
using Relay.Host.Accounts.Sql;
using Relay.Host.Storage;

namespace Relay.Host.Accounts;

/// <summary>Puts accounts into the program.</summary>
internal static class AccountsServiceCollectionExtensions
{
    /// <summary>Adds accounts, sessions, the authentication scheme and the relay's authorizer. After the database and the relay.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="section">The section <c>Relay:Accounts</c>.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work: every problem in one line each.</exception>
    public static void AddRelayAccounts(this IServiceCollection services, IConfigurationSection section)
    {
        var options = new AccountsOptions();
        section.Bind(options);
        string[] problems = [.. options.Validate()];
        if (problems.Length > 0)
        {
            throw new OptionsValidationException(nameof(AccountsOptions), typeof(AccountsOptions), problems);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(provider => new KeyFiles(provider.GetRequiredService<StorageOptions>(), options));
        services.AddSingleton(provider => provider.GetRequiredService<KeyFiles>().SigningKeys());
        services.AddSingleton(provider => provider.GetRequiredService<KeyFiles>().Secret());
        services.AddSingleton<IAccountStore, AccountSql>();
        services.AddSingleton<IApiKeyStore, ApiKeySql>();
        services.AddSingleton<IAuditStore, AuditSql>();
        services.AddSingleton<IOneTimeStore, OneTimeSql>();
        services.AddSingleton<AccountsMetrics>().AddSingleton<SignInLimits>().AddSingleton<CryptoGate>();
        services.AddSingleton<Revocations>().AddSingleton<AccessTokens>().AddSingleton<RoomTokens>();
        services.AddSingleton<TicketDesk>().AddSingleton<TicketDoor>();
        services.AddSingleton<SessionDesk>().AddSingleton<AccountDesk>().AddSingleton<ApiKeyDesk>().AddSingleton<BearerDesk>();
        services.AddSingleton<AccountsUpkeep>();
        services.AddHostedService(provider => provider.GetRequiredService<AccountsUpkeep>());
        services.AddHostedService<LiveConnections>();
        services.Replace(ServiceDescriptor.Singleton<IRelayAuthorizer, AccountAuthorizer>());

        services.Replace(ServiceDescriptor.Singleton<IHttpContextFactory, HidingContextFactory>());
        services.AddProblemDetails();
        services.AddAuthentication(RelayClaims.Scheme)
            .AddScheme<AuthenticationSchemeOptions, RelayAuthenticationHandler>(RelayClaims.Scheme, null);
        services.AddAuthorizationBuilder().AddPolicy(RelayClaims.AdminPolicy, policy =>
            policy.RequireAuthenticatedUser().RequireAssertion(context => context.User.IsAdmin()));
    }

    /// <summary>Puts who somebody is before everything else of the program. First in the pipeline.</summary>
    /// <param name="app">The program.</param>
    public static void UseRelayAccounts(this WebApplication app)
    {
        // Keys are read or made now, so that a problem with them ends the start in one line.
        SigningKeys keys = app.Services.GetRequiredService<SigningKeys>();
        app.Services.GetRequiredService<InstallationSecret>();
        app.Use(next => context => context.Features.Get<HiddenQuery>() is { HasBearer: true }
            ? Problem.WriteAsync(
                context, StatusCodes.Status400BadRequest,
                "A token must not be in a URL: send it as \"Authorization: Bearer\", " +
                "and open sockets with a ticket of POST /api/v1/auth/ticket.")
            : next(context));
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<SocketGuard>();
        app.MapJwks(keys);
        app.MapAuth();
        app.MapRoomTokens();
        app.MapAccountAdmin();
    }
}
