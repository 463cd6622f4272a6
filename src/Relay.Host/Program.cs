using Relay.Host;
using Relay.Host.Admin;

return args is [AdminProgram.Word, ..]
    ? await AdminProgram.RunAsync(args[1..]).ConfigureAwait(false)
    : await RelayHost.RunAsync(args).ConfigureAwait(false);
