namespace Relay.Host.Accounts;

/// <summary>What one address may try.</summary>
internal sealed class SignInLimits(AccountsOptions options, TimeProvider time)
{
    /// <summary>Failed sign-ins of any way: begin one before the work, and say if it failed.</summary>
    public AddressLimit Failures { get; } = new(options.FailuresPerMinute, time);

    /// <summary>New guests.</summary>
    public AddressLimit Guests { get; } = new(options.GuestsPerMinute, time);
}
