using Relay.Host;

// Both must be said before the first socket exists: run a socket's continuation on the thread that saw it ready. A relay does little per
// frame, and a hop to another thread costs more than that.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") ?? "1");

return await RelayHost.RunAsync(args).ConfigureAwait(false);
