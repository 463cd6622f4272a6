using Spectre.Console;

namespace Relay.Load.Cli;

/// <summary>Says what is going on, one line that changes, and says nothing where there is no terminal.</summary>
internal sealed class Progress(IAnsiConsole console)
{
    private StatusContext? _status;

    /// <summary>Does some work with progress shown.</summary>
    public Task<T> ShowAsync<T>(string first, Func<Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            return work();
        }

        // Redrawn on change only: a spinner would run on the tester's processor.
        return console.Status().AutoRefresh(false).StartAsync(first, async context =>
        {
            _status = context;
            context.Refresh();
            try
            {
                return await work().ConfigureAwait(false);
            }
            finally
            {
                _status = null;
            }
        });
    }

    public void Say(string text)
    {
        if (_status is { } status)
        {
            status.Status = Markup.Escape(text);
            status.Refresh();
        }
    }
}
