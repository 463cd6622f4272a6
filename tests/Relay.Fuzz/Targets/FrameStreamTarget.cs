using System.Numerics;
using Relay.Protocol.Frames;

namespace Relay.Fuzz;

/// <summary>Input: a byte that picks the limit, then a stream. Finds its frames with the library and by arithmetic on the hex
/// digits.</summary>
internal sealed class FrameStreamTarget : IFuzzTarget
{
    private static readonly int[] Limits = [0, 1, 16, 16_384, FrameHeader.MaxBodyLength];
    private static readonly string PrefaceDigits = "F152454C41590D0A";

    public string Name => "frames";

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        int limit = Limits[input[0] % Limits.Length];
        ReadOnlySpan<byte> stream = input[1..];
        CheckPreface(stream);
        string digits = Convert.ToHexString(stream);
        while (true)
        {
            FrameStatus status = FrameDecoder.Find(stream, limit, out FrameHeader header);
            FrameStatus expected = FindByDigits(digits, limit, out int type, out int length);
            DisagreementException.ThrowUnlessEqual(status, expected, "Frame status");
            DisagreementException.ThrowUnlessEqual(((int)header.Type, header.BodyLength), (type, length), "Header");
            if (status != FrameStatus.Complete)
            {
                return;
            }

            stream = stream[(FrameHeader.Size + header.BodyLength)..];
            digits = digits[((4 + length) * 2)..];
        }
    }

    private static FrameStatus FindByDigits(string digits, int limit, out int type, out int length)
    {
        (type, length) = (0, 0);
        if (digits.Length < 8)
        {
            return FrameStatus.NeedMore;
        }

        BigInteger size = Digit(digits, 0) + (256 * Digit(digits, 1)) + (65_536 * Digit(digits, 2));
        (type, length) = ((int)Digit(digits, 3), (int)size);
        return size > limit ? FrameStatus.TooLarge : digits.Length - 8 < size * 2 ? FrameStatus.NeedMore : FrameStatus.Complete;
    }

    private static BigInteger Digit(string digits, int index) => Convert.ToByte(digits.Substring(index * 2, 2), 16);

    private static void CheckPreface(ReadOnlySpan<byte> stream)
    {
        string digits = Convert.ToHexString(stream);
        PrefaceStatus expected = digits.StartsWith(PrefaceDigits, StringComparison.Ordinal) ? PrefaceStatus.Match
            : PrefaceDigits.StartsWith(digits, StringComparison.Ordinal) ? PrefaceStatus.NeedMore
            : PrefaceStatus.Mismatch;
        DisagreementException.ThrowUnlessEqual(ConnectionPreface.Check(stream), expected, "Preface");
    }
}
