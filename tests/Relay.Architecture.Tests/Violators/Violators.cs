// Types that break the rule of RoomPurityTests, each in one place only, to prove that the check sees that place.

#pragma warning disable CA1823, IDE0044, IDE0051, IDE0052, CS0169, CS0649 // nobody uses them
#pragma warning disable CA2000 // or disposes of them

using System.IO.Pipelines;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Relay.Architecture.Tests.Violators;

[Authorize]
internal sealed class NamesInAttribute;

internal sealed class NamesInBase : ServiceCollection;

internal static class NamesInBody
{
    public static bool Use() => Socket.OSSupportsIPv4;
}

internal static class NamesInCatch
{
    public static int Use(Func<int> work)
    {
        try
        {
            return work();
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}

internal static class NamesInClosure
{
    public static Func<object> Use() => static () => new Pipe();
}

internal sealed class NamesInConstraint<T>
    where T : IDuplexPipe;

internal sealed class NamesInField
{
    private Socket? _socket;
}

internal sealed class NamesInGenericArgument
{
    private List<Dictionary<int, PipeReader[]>>? _readers;
}

internal abstract class NamesInInterface : IDuplexPipe
{
    public abstract PipeReader Input { get; }

    public abstract PipeWriter Output { get; }
}

internal static class NamesInIterator
{
    public static IEnumerable<int> Use()
    {
        yield return 1;
        yield return Socket.OSSupportsIPv6 ? 1 : 0;
    }
}

internal static class NamesInLocal
{
    public static void Use(Func<object> source, Action<object> sink)
    {
        var context = source() as HttpContext;
        while (context is not null)
            sink(context);
    }
}

internal static class NamesInNestedType
{
    internal static class Inner
    {
        internal sealed class Innermost
        {
            private WebSocket? _socket;
        }
    }
}

internal interface INamesNothing
{
    void Use(ReadOnlySpan<byte> bytes);
}

internal static class NamesInSignature
{
    public static unsafe void Use(delegate*<ConnectionContext, void> _)
    {
    }
}

internal static class NamesInTypeOf
{
    public static object Use() => typeof(System.Net.Http.HttpClient);
}

internal sealed class NamesNothing : INamesNothing
{
    private readonly byte[] _copy = new byte[16];

    public void Use(ReadOnlySpan<byte> bytes) => bytes.CopyTo(_copy);
}
