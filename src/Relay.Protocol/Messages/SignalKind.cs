namespace Relay.Protocol.Messages;

/// <summary>The protocol's own kinds of events: signals that every client understands. protocol-spec.md §11.9.</summary>
public enum SignalKind : uint
{
    /// <summary>A chat message: a str.</summary>
    Chat = 1,

    /// <summary>The sender is typing, or not any more: a bool.</summary>
    Typing = 2,

    /// <summary>A high five for one member: nil or a map.</summary>
    HighFive = 3,

    /// <summary>The sender's hand is raised, or not any more: a bool.</summary>
    HandRaised = 4,

    /// <summary>Something to be shown to people: a map.</summary>
    Notification = 5,

    /// <summary>Come to where the sender is: nil or a map.</summary>
    FlyToMe = 6,

    /// <summary>Who is on the stage, who wants to be: a map.</summary>
    StageMode = 7,
}
