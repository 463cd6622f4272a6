using System.Globalization;

namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes PDF: one empty page.</summary>
internal static class PdfFile
{
    public static byte[] Of(string comment = "")
    {
        string[] objects =
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>",
        ];
        var file = new Bytes().Add("%PDF-1.4\n" + comment);
        var places = new List<int>();
        for (int i = 0; i < objects.Length; i++)
        {
            places.Add(file.Length);
            file.Add(string.Create(CultureInfo.InvariantCulture, $"{i + 1} 0 obj{objects[i]}endobj\n"));
        }

        int table = file.Length;
        file.Add("xref\n0 4\n0000000000 65535 f \n");
        foreach (int place in places)
        {
            file.Add(string.Create(CultureInfo.InvariantCulture, $"{place:0000000000} 00000 n \n"));
        }

        file.Add("trailer<</Size 4/Root 1 0 R>>\nstartxref\n").Add(table.ToString(CultureInfo.InvariantCulture));
        return file.Add("\n%%EOF\n").ToArray();
    }
}
