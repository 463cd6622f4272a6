using Relay.Conformance.Tests.Echo;
using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>Cases that send one good message, and what the settings of the peer make of it: an echo, or the code of the limit that it
/// breaks. So the same case serves all profiles.</summary>
internal static class Expected
{
    /// <summary>The code with which a peer refuses a message; 0 if it must echo it.</summary>
    public static int Refusal(EchoSettings settings, WebSocketOpcode kind, int size, int fragments) =>
        kind == WebSocketOpcode.Text && !settings.AcceptText ? 1003
        : size > settings.MaxMessage || fragments > settings.MaxFragments ? 1009
        : 0;

    /// <summary>What comes of it, in words.</summary>
    public static string Tell(int refusal) => refusal == 0 ? "echoed" : $"closed with {refusal}";

    /// <summary>A case.</summary>
    /// <param name="settings">The peer's.</param>
    /// <param name="id">Its number.</param>
    /// <param name="what">What is sent.</param>
    /// <param name="kind">Text or Binary.</param>
    /// <param name="size">Bytes of the message, which is <see cref="Payload.Of"/>.</param>
    /// <param name="fragments">In how many frames it goes.</param>
    /// <param name="send">Sends it.</param>
    public static Case Of(EchoSettings settings, string id, string what, WebSocketOpcode kind, int size, int fragments, Func<Dialogue,
        Task> send)
    {
        int refusal = Refusal(settings, kind, size, fragments);
        return new Case(id, $"{what}: {Tell(refusal)}", async dialogue =>
        {
            await send(dialogue);
            if (refusal != 0)
            {
                await dialogue.FailsAsync(refusal);
                return;
            }

            await dialogue.ExpectAsync(kind, Payload.Of(kind, size));
            await dialogue.EndAsync();
        });
    }
}
