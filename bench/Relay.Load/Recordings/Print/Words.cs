using System.Globalization;
using System.Text;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Print;

/// <summary>The small things in a printed frame. What members wrote is escaped: it must not steer the terminal.</summary>
internal static class Words
{
    /// <summary>Characters of a value, unless all is wanted.</summary>
    public const int ShortLength = 96;

    private const byte MessagePackStr32 = 0xDB;

    private static readonly MessagePackLimits AnyValue = new() { MaxBytes = int.MaxValue, MaxDepth = 64, MaxNodes = int.MaxValue };

    /// <summary>A text in quotation marks.</summary>
    public static string Quoted(ReadOnlySpan<byte> utf8)
    {
        byte[] value = [MessagePackStr32, 0, 0, (byte)(utf8.Length >> 8), (byte)utf8.Length, .. utf8];
        return MessagePackText.Format(value);
    }

    /// <summary>A text in quotation marks.</summary>
    public static string Quoted(string text) => Quoted(Encoding.UTF8.GetBytes(text));

    /// <summary>One MessagePack value as text; other bytes in hexadecimal.</summary>
    public static string Value(ReadOnlySpan<byte> bytes, bool verbose)
    {
        int most = verbose ? MessagePackText.DefaultMaxLength : ShortLength;
        if (MessagePackValidator.Check(bytes, AnyValue).Status == MessagePackStatus.Ok)
        {
            return MessagePackText.Format(bytes, most);
        }

        ReadOnlySpan<byte> shown = bytes[..Math.Min(bytes.Length, most / 2)];
        string rest = shown.Length < bytes.Length ? string.Create(CultureInfo.InvariantCulture, $"… ({bytes.Length} bytes)") : string.Empty;
        return bytes.IsEmpty ? "nothing" : "hex " + Convert.ToHexString(shown) + rest;
    }

    /// <summary>The keys of a path, as <c>a.b</c>.</summary>
    public static string Path(ReadOnlySpan<byte> path)
    {
        var keys = new List<string>();
        var reader = new MessagePackReader(path, strict: false);
        while (reader.Remaining > 0)
        {
            if (reader.TryReadString(out ReadOnlySpan<byte> key) != MessagePackStatus.Ok)
            {
                return "hex " + Convert.ToHexString(path);
            }

            keys.Add(Quoted(key));
        }

        return string.Join('.', keys);
    }

    /// <summary>Whom an attribute is of.</summary>
    public static string Target(in AttributeTarget target) => target.Kind switch
    {
        TargetKind.Room => "of the room",
        TargetKind.Object => string.Create(CultureInfo.InvariantCulture, $"of object {target.Object}"),
        TargetKind.Member => string.Create(CultureInfo.InvariantCulture, $"of member {target.Member}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"of object {target.Object} for member {target.Member}"),
    };

    /// <summary>The terms of an attribute.</summary>
    public static string Terms(in AttributeTerms terms)
    {
        string flags = terms.Flags == AttributeFlags.None ? string.Empty : terms.Flags.ToString().ToLowerInvariant() + ", ";
        return $"({flags}read by {Access(terms.Readers)}, written by {Access(terms.Writers)})";
    }

    /// <summary>Where something is, in metres, with what goes with it.</summary>
    public static string Place(RoomSpace space, in PackedTransform value, in TransformExtension extension, bool verbose)
    {
        Transform where = space.Unpack(value);
        string text = string.Create(CultureInfo.InvariantCulture, $"({where.X:0.###}, {where.Y:0.###}, {where.Z:0.###})");
        if (verbose)
        {
            (float x, float y, float z, float w) = (where.RotationX, where.RotationY, where.RotationZ, where.RotationW);
            text += string.Create(CultureInfo.InvariantCulture, $" turned ({x:0.###}, {y:0.###}, {z:0.###}, {w:0.###}) age {value.Age}");
        }

        text += (extension.Flags & TransformFlags.Discontinuity) != 0 ? " jump" : string.Empty;
        text += (extension.Flags & TransformFlags.Velocity) != 0
            ? string.Create(CultureInfo.InvariantCulture, $" at ({extension.VelocityX}, {extension.VelocityY}, {extension.VelocityZ}) cm/s")
            : string.Empty;
        return text + ((extension.Flags & TransformFlags.Scale) != 0
            ? string.Create(CultureInfo.InvariantCulture, $" scale {extension.Scale:0.####}")
            : string.Empty);
    }

    private static string Access(in Access access) => access.Kind switch
    {
        AccessKind.Everyone => "everyone",
        AccessKind.Owner => "owner",
        AccessKind.Member => string.Create(CultureInfo.InvariantCulture, $"member {access.Argument}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"roles 0x{access.Argument:X}"),
    };
}
