using System.Globalization;
using System.Text;
using Relay.Host.Files.Serving;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>Names as browsers are told them: RFC 6266, RFC 8187.</summary>
public sealed class DispositionTests
{
    [Theory]
    [InlineData("cat.png", "inline; filename=\"cat.png\"")]
    [InlineData("two words (1).png", "inline; filename=\"two words (1).png\"")]
    [InlineData("Käse €.png", "inline; filename=\"K_se _.png\"; filename*=UTF-8''K%C3%A4se%20%E2%82%AC.png")]
    [InlineData("🐈.png", "inline; filename=\"__.png\"; filename*=UTF-8''%F0%9F%90%88.png")]
    [InlineData("👩\u200D🚀.png", "inline; filename=\"_____.png\"; filename*=UTF-8''%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80.png")]
    [InlineData("a'b;c=d.png", "inline; filename=\"a'b;c=d.png\"")]
    public void Name_isKept(string name, string header) => Assert.Equal(header, Disposition.Of(isInline: true, name));

    [Theory]
    [InlineData("../../etc/x", "x")]
    [InlineData("..\\..\\etc\\x", "x")]
    [InlineData("/etc/passwd", "passwd")]
    [InlineData("C:\\", "C_")]
    [InlineData("C:\\boot.ini", "boot.ini")]
    [InlineData("c:evil.exe", "c_evil.exe")]
    [InlineData("a/..", "file")]
    [InlineData("..", "file")]
    [InlineData(".", "file")]
    [InlineData("///", "file")]
    [InlineData("", "file")]
    [InlineData(" . . ", "file")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("x.png.", "x.png")]
    [InlineData("a\0b.png", "ab.png")]
    [InlineData("a\r\nSet-Cookie: x=1.png", "aSet-Cookie_ x=1.png")]
    [InlineData("a\u001B[31m\u007F\u0085.png", "a[31m.png")]
    [InlineData("photo\u202Egnp.exe", "photognp.exe")]
    [InlineData("\u2066\u2069\u200E\u200F\u061C\uFEFFx", "x")]
    [InlineData("a\u2028b\u2029c", "abc")]
    [InlineData("\"; filename=\"evil.html", "_; filename=_evil.html")]
    [InlineData("a*b?c<d>e|f", "a_b_c_d_e_f")]
    [InlineData("x\uD800y\uDC00z", "xyz")]
    public void Case51_name_isNoPath_andNoMoreThanAName(string name, string saved) =>
        Assert.Equal($"attachment; filename=\"{saved}\"", Disposition.Of(isInline: false, name));

    [Fact]
    public void Case51_percentSigns_areNoEscapes() => Assert.Equal(
        "attachment; filename=\"_2e_2e_2fx\"; filename*=UTF-8''%252e%252e%252fx", Disposition.Of(isInline: false, "%2e%2e%2fx"));

    [Theory]
    [InlineData("x", "")]
    [InlineData("é", ".png")]
    [InlineData("🐈", ".jpeg")]
    [InlineData("a", ".abcdefghijklmnopqrstuvwxyz")]
    public void Name_isNotLong_andKeepsItsEnding(string of, string ending)
    {
        string header = Disposition.Of(isInline: true, string.Concat(Enumerable.Repeat(of, 100_000)) + ending);
        Assert.True(header.Length < 2000, $"{header.Length}");
        Assert.Equal(ending.Length is > 0 and < 16, ending.Length > 0 && header.EndsWith(ending, StringComparison.Ordinal) | header.EndsWith(ending + '"', StringComparison.Ordinal));
    }

    [Fact]
    public void Header_isPlainAscii_whateverTheNameIs()
    {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            var name = new StringBuilder();
            for (int length = random.Next(30); length > 0; length--)
            {
                name.Append((char)random.Next(random.Next(2) == 0 ? 128 : 65_536));
            }

            string header = Disposition.Of(isInline: false, name.ToString());
            string plain = header["attachment; filename=\"".Length..header.LastIndexOf('"')];
            Assert.True(header.All(c => c is >= ' ' and <= '~'), header);
            Assert.DoesNotContain(plain, c => c is '"' or '\\' or '/' or '%');
            int extended = header.IndexOf("filename*=UTF-8''", StringComparison.Ordinal);
            string saved = extended < 0 ? plain : Uri.UnescapeDataString(header[(extended + 17)..]);
            Assert.Equal(saved.Trim('.'), saved);
            Assert.DoesNotContain(saved, c => c is '/' or '\\' || char.IsControl(c)
                || (char.GetUnicodeCategory(c) == UnicodeCategory.Format && c is not ('\u200C' or '\u200D')));
        }
    }

    [Theory]
    [InlineData("image/png", true)]
    [InlineData("audio/ogg", true)]
    [InlineData("video/mp4", true)]
    [InlineData("image/svg+xml", false)]
    [InlineData("text/html", false)]
    [InlineData("application/pdf", false)]
    [InlineData("model/gltf-binary", false)]
    [InlineData("", false)]
    public void Types_areShownInPlace_onlyIfTheyHoldNoScript(string type, bool isInline) => Assert.Equal(isInline, Disposition.IsInline(type));
}
