using System.Text;
using System.Text.Unicode;
using Relay.Core.Transport.WebSockets;

namespace Relay.Conformance.Tests.Unit;

/// <summary>The check must agree with the runtime's, wherever its input is cut, and refuse as early as can be.</summary>
public sealed class IncrementalUtf8Tests
{
    /// <summary>First and last bytes of all ranges that matter, so that random strings of them are often nearly UTF-8.</summary>
    private static readonly byte[] Telling =
        [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1,
            0xF3, 0xF4, 0xF5, 0xFF];

    [Fact]
    public void EveryCodePoint_isTaken_whereverItIsCut()
    {
        byte[] bytes = new byte[4];
        for (int value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.IsValid(value))
            {
                continue;
            }

            int length = new Rune(value).EncodeToUtf8(bytes);
            for (int cut = 0; cut <= length; cut++)
            {
                var check = default(IncrementalUtf8);
                Assert.True(check.Append(bytes.AsSpan(0, cut)) && check.Append(bytes.AsSpan(cut, length - cut)) && check.IsComplete);
            }
        }
    }

    [Fact]
    public void RandomBytes_areJudgedAsTheRuntimeDoes_whereverTheyAreCut()
    {
        var random = new Random(6455);
        int valid = 0;
        for (int round = 0; round < 200_000; round++)
        {
            byte[] bytes = random.GetItems(Telling, random.Next(1, 8));
            var check = default(IncrementalUtf8);
            bool taken = true;
            for (int begin = 0; taken && begin < bytes.Length;)
            {
                int end = random.Next(begin + 1, bytes.Length + 1);
                taken = check.Append(bytes.AsSpan(begin, end - begin));
                begin = end;
            }

            Assert.True(Utf8.IsValid(bytes) == (taken && check.IsComplete), Convert.ToHexString(bytes));
            valid += taken && check.IsComplete ? 1 : 0;
        }

        Assert.True(valid > 1000, "Too few of the strings were UTF-8 to prove much.");
    }

    [Fact]
    public void Byte_thatCannotFollow_isRefusedWhenItComes()
    {
        var random = new Random(3629);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = random.GetItems(Telling, random.Next(1, 6));
            var check = default(IncrementalUtf8);
            for (int length = 1; length <= bytes.Length; length++)
            {
                bool taken = check.Append(bytes.AsSpan(length - 1, 1));
                Assert.True(CanBecomeUtf8(bytes.AsSpan(0, length)) == taken, Convert.ToHexString(bytes.AsSpan(0, length)));
                if (!taken)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Whether some bytes behind it would make it UTF-8; whatever the second byte must be, one of these fits.</summary>
    private static bool CanBecomeUtf8(ReadOnlySpan<byte> begun)
    {
        foreach (byte second in (ReadOnlySpan<byte>)[0x80, 0x90, 0xA0])
        {
            for (int more = 0; more <= 3; more++)
            {
                byte[] whole = [.. begun, .. new[] { second, (byte)0x80, (byte)0x80 }.AsSpan(0, more)];
                if (Utf8.IsValid(whole))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
