using Relay.Host.Files.Types;
using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Types;

/// <summary>Files with some bytes changed, taken out, doubled or put in: whatever comes of it, an inspection ends with an answer. The
/// content fails the test if it is read where it is not.</summary>
public sealed class FuzzTests
{
    private const int Rounds = 3_000;

    public static TheoryData<string> Names => Sample.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ChangedFile_isJudged(string name)
    {
        Sample sample = Sample.Of(name);
        var random = new Random(sample.File.Length);
        int sound = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] file = Change(sample.File, random);
            var content = new Content(file);
            Inspection inspection = await FileInspector.InspectAsync(content, new InspectionLimits(), default);
            Assert.NotEqual(InspectionStatus.StoreFailed, inspection.Status);
            Assert.Equal(inspection.Status == InspectionStatus.Sound, inspection.Type is not null);
            Assert.Equal(inspection.Status == InspectionStatus.Sound, inspection.Reason.Length == 0);
            Assert.InRange(content.Reads, 0, 400);
            sound += inspection.Status == InspectionStatus.Sound ? 1 : 0;
        }

        // Some changes do no harm, and some do: otherwise this test would look at nothing.
        Assert.InRange(sound, 1, Rounds - 1);
    }

    private static byte[] Change(byte[] file, Random random)
    {
        List<byte> changed = [.. file];
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            // The beginning is where most is told.
            int at = random.Next(random.Next(2) == 0 ? Math.Min(changed.Count, 64) : changed.Count);
            int length = Math.Min(random.Next(1, 9), changed.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    changed[at] = (byte)random.Next(256);
                    break;
                case 2:
                    // Numbers at the edge of what they can be.
                    for (int i = 0; i < length; i++)
                    {
                        changed[at + i] = (byte)(random.Next(2) * 255);
                    }

                    break;
                case 3:
                    changed.InsertRange(at, changed.GetRange(at, length));
                    break;
                case 4:
                    changed.RemoveRange(at, Math.Min(length, changed.Count - 1));
                    break;
                default:
                    changed.RemoveRange(Math.Max(at, 1), changed.Count - Math.Max(at, 1));
                    break;
            }
        }

        return [.. changed];
    }
}
