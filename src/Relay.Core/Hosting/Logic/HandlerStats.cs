namespace Relay.Core.Hosting;

/// <summary>What went wrong with room handlers, counted from many threads.</summary>
internal sealed class HandlerStats
{
    /// <summary>Calls that threw, or whose answer could not be used.</summary>
    public long Failed;

    /// <summary>Calls that overran their time.</summary>
    public long Late;

    /// <summary>Ticks that were left out since the one before was still running.</summary>
    public long TicksSkipped;

    /// <summary>Members whose stay a handler was not told of since too many calls waited.</summary>
    public long Untold;
}
