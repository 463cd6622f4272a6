namespace Relay.Host.Accounts;

/// <summary>What one address may try.</summary>
internal sealed class SignInLimits(AccountsOptions options, TimeProvider time)
{
    /// <summary>Failed sign-ins of any way: look whether it must wait first, take one for each failure.</summary>
    public AddressLimit Failures { get; } = new(options.FailuresPerMinute, time);

    /// <summary>New guests.</summary>
    public AddressLimit Guests { get; } = new(options.GuestsPerMinute, time);
}
