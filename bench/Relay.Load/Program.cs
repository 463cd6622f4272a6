using Relay.Load.Cli;
using Relay.Load.Recordings;
using Relay.Load.Server;

// One thread serves all sockets: handing each receive to the pool would cost more than handling it. Read when the first socket is made.
Environment.SetEnvironmentVariable(Tools.InlineCompletions, "1");

return RecordingApp.Takes(args)
    ? await new RecordingApp(Console.Out, Console.Error).RunAsync(args).ConfigureAwait(false)
    : await new App(Console.Error).RunAsync(args).ConfigureAwait(false);
