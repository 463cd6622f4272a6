using Relay.Host;
using Relay.Host.Admin;

// Both must be said before the first socket exists: run a socket's continuation on the thread that saw it ready. A relay does little per
// frame, and a hop to another thread costs more than that.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") ?? "1");

return args is [AdminProgram.Word, ..]
    ? await AdminProgram.RunAsync(args[1..]).ConfigureAwait(false)
    : await RelayHost.RunAsync(args).ConfigureAwait(false);
