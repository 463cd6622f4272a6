namespace Relay.Load.Recordings;

/// <summary>What the program ends with; the same numbers as the bench's.</summary>
internal static class ExitCodes
{
    public const int Well = 0;
    public const int Failed = 1;
    public const int BadArguments = 2;
    public const int Interrupted = 130;
}
