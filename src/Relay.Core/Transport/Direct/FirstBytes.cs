using System.Text;
using Relay.Protocol.Frames;

namespace Relay.Core.Transport.Direct;

/// <summary>Whom a new connection is for.</summary>
internal enum Visitor
{
    /// <summary>Too few bytes to tell.</summary>
    Unknown,

    /// <summary>The relay: its preface, or GET of one of its paths.</summary>
    Relay,

    /// <summary>Anybody else.</summary>
    Other,
}

/// <summary>
/// Tells from the first bytes of a connection whether it is for the relay. A wrong guess costs nothing but speed, since either way
/// Kestrel gets to see every byte.
/// </summary>
internal sealed class FirstBytes
{
    /// <summary>So many bytes decide; a longer path is anybody's.</summary>
    public const int Enough = 256;

    private byte[][] _pathEnds = [];

    /// <summary>Adds a path of the relay: requests whose path ends like it are for the relay. Any thread, though not two at once.</summary>
    /// <param name="pattern">A route pattern. What follows its last parameter counts, since what stands for a parameter, and what a route
    /// group or <c>UsePathBase</c> puts in front, is not known here. An empty pattern takes every GET.</param>
    public void AddPath(string pattern)
    {
        string end = pattern[(pattern.LastIndexOf('}') + 1)..].TrimEnd('/');
        bool isWhole = end.Length == 0 || end.StartsWith('/') || pattern.Contains('}');
        byte[] bytes = Encoding.ASCII.GetBytes(isWhole ? end : "/" + end);
        if (!Array.Exists(_pathEnds, known => known.AsSpan().SequenceEqual(bytes)))
        {
            Volatile.Write(ref _pathEnds, [.. _pathEnds, bytes]);
        }
    }

    /// <summary>Judges what a connection began with.</summary>
    public Visitor Judge(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return Visitor.Unknown;
        }

        switch (ConnectionPreface.Check(bytes[..Math.Min(bytes.Length, ConnectionPreface.Size)]))
        {
            case PrefaceStatus.Match:
                return Visitor.Relay;
            case PrefaceStatus.NeedMore:
                return Visitor.Unknown;
        }

        ReadOnlySpan<byte> get = "GET "u8;
        if (!bytes.StartsWith(get))
        {
            return get.StartsWith(bytes) ? Visitor.Unknown : Visitor.Other;
        }

        bytes = bytes[get.Length..];
        int length = bytes.IndexOfAny((byte)' ', (byte)'?');
        if (length < 0)
        {
            return bytes.Length + get.Length < Enough ? Visitor.Unknown : Visitor.Other;
        }

        ReadOnlySpan<byte> path = bytes[..length].TrimEnd((byte)'/');
        foreach (byte[] end in Volatile.Read(ref _pathEnds))
        {
            if (path.Length >= end.Length && Ascii.EqualsIgnoreCase(path[^end.Length..], end))
            {
                return Visitor.Relay;
            }
        }

        return Visitor.Other;
    }
}
