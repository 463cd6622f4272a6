using Relay.Protocol;

namespace Relay.Core.Rooms.World;

/// <summary>Why something was not done: the rule, its limit and the value. The default is: it was done.</summary>
internal readonly record struct Fault(CloseCode Code, string Text, double Limit = 0, double Value = 0)
{
    public static Fault None => default;

    public bool IsNone => Code == CloseCode.None;

    public static Fault NotFound(string what, double value) => new(CloseCode.NotFound, what, Value: value);
}
