using System.Globalization;
using System.Text;

namespace Relay.Protocol.Tests;

/// <summary>The fields of a message as <c>field = value</c> lines, in the notation of the comments in protocol-spec.md.</summary>
internal sealed class FieldList
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string field, ulong value) => _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{field} = {value}"));

    public void Add(string field, long value) => _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{field} = {value}"));

    public void AddHex(string field, ulong value, int digits) =>
        _lines.Add(field + " = 0x" + value.ToString("X" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>A number; one that is not finite by its bits, so that every NaN is told apart.</summary>
    public void Add(string field, double value) => _lines.Add(field + " = " + (double.IsFinite(value)
        ? value.ToString("R", CultureInfo.InvariantCulture)
        : "bits " + BitConverter.DoubleToInt64Bits(value).ToString("X16", CultureInfo.InvariantCulture)));

    /// <inheritdoc cref="Add(string, double)"/>
    public void Add(string field, float value) => _lines.Add(field + " = " + (float.IsFinite(value)
        ? value.ToString("R", CultureInfo.InvariantCulture)
        : "bits " + BitConverter.SingleToInt32Bits(value).ToString("X8", CultureInfo.InvariantCulture)));

    /// <summary>Bytes: in quotes if they are plain ASCII, otherwise as hex.</summary>
    public void Add(string field, ReadOnlySpan<byte> value) => _lines.Add(field + " = " +
        (IsPlain(value) ? "\"" + Encoding.ASCII.GetString(value) + "\"" : "hex " + Convert.ToHexString(value)));

    public void AddRecord(bool extended, uint age, uint x, uint y, uint z, uint rotation) => _lines.Add(string.Create(
        CultureInfo.InvariantCulture, $"record = extended {(extended ? 1 : 0)}, age {age}, x {x}, y {y}, z {z}, rotation 0x{rotation:X8}"));

    private static bool IsPlain(ReadOnlySpan<byte> value)
    {
        foreach (byte b in value)
        {
            if (b is < 0x20 or > 0x7E)
            {
                return false;
            }
        }

        return true;
    }
}
