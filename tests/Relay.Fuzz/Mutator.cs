namespace Relay.Fuzz;

/// <summary>Makes new inputs from a corpus, always the same ones from the same seed.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, int seed)
{
    private const int LongestInput = 4_096;

    private static readonly byte[] Interesting = [0x00, 0x01, 0x02, 0x07, 0x08, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0xC0, 0xED, 0xF1, 0xFE, 0xFF];

#pragma warning disable CA5394 // The generator must repeat itself; nothing here is a secret.
    private readonly Random _random = new(seed);

    public byte[] Next(IFuzzTarget target)
    {
        var input = new List<byte>(Pick());
        for (int changes = 1 + _random.Next(4); changes > 0; changes--)
        {
            Change(input);
        }

        byte[] bytes = input.Take(LongestInput).ToArray();
        if (_random.Next(4) != 0)
        {
            target.Repair(bytes);
        }

        return bytes;
    }

    private byte[] Pick() => corpus[_random.Next(corpus.Count)];

    private void Change(List<byte> input)
    {
        int at = _random.Next(input.Count + 1);
        int length = Math.Min(_random.Next(1, 9), input.Count - at);
        switch (_random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = Interesting[_random.Next(Interesting.Length)];
                break;
            case 2 when at < input.Count:
                input[at] = (byte)(input[at] + _random.Next(-2, 3));
                break;
            case 3:
                input.Insert(at, Interesting[_random.Next(Interesting.Length)]);
                break;
            case 4:
                input.RemoveRange(at, length);
                break;
            case 5:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 6:
                byte[] other = Pick();
                int from = _random.Next(other.Length + 1);
                input.RemoveRange(at, input.Count - at);
                input.AddRange(other[from..]);
                break;
            default:
                byte[] noise = new byte[_random.Next(1, 9)];
                _random.NextBytes(noise);
                input.InsertRange(at, noise);
                break;
        }
    }
#pragma warning restore CA5394
}
