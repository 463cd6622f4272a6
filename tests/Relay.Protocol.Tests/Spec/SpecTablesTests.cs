using System.Globalization;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Protocol.Tests;

/// <summary>The tables of protocol-spec.md against the enums, in both directions.</summary>
public class SpecTablesTests
{
    [Fact]
    public void Close_codes_table_has_the_numbers_and_names_of_the_enum()
    {
        var document = SpecDocument.Table("## 9.").ToDictionary(row => ushort.Parse(row[0], CultureInfo.InvariantCulture), row => row[1]);
        var library = Enum.GetValues<CloseCode>().Where(code => code != CloseCode.None).ToDictionary(code => (ushort)code, CloseCodes.Name);
        Assert.Equal(library.OrderBy(pair => pair.Key), document.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Close_codes_table_marks_what_is_retryable()
    {
        IEnumerable<ushort> document = SpecDocument.Table("## 9.").Where(row => row[3] == "yes").Select(row => ushort.Parse(row[0], CultureInfo.InvariantCulture));
        IEnumerable<ushort> library = Enum.GetValues<CloseCode>().Where(CloseCodes.IsRetryable).Select(code => (ushort)code);
        Assert.Equal(library.Order(), document.Order());
    }

    [Fact]
    public void Close_code_names_are_the_enum_names_in_snake_case()
    {
        foreach (CloseCode code in Enum.GetValues<CloseCode>())
        {
            string snake = string.Concat(code.ToString().Select((c, i) =>
                char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
            Assert.Equal(snake, CloseCodes.Name(code));
        }
    }

    [Fact]
    public void Close_code_that_is_not_in_the_table_is_unknown_and_not_retryable()
    {
        Assert.Equal("unknown", CloseCodes.Name((CloseCode)4999));
        Assert.False(CloseCodes.IsRetryable((CloseCode)4999));
    }

    [Fact]
    public void Frame_type_table_has_the_numbers_and_names_of_the_enum()
    {
        // Ranges ("0x40–0x5F") are reservations, not types.
        var document = SpecDocument.Table("## 4.")
            .Where(row => row[0].Length == 4)
            .ToDictionary(row => byte.Parse(row[0].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), row => row[1]);
        var library = Enum.GetValues<FrameType>().ToDictionary(type => (byte)type, type => type.ToString());
        Assert.Equal(library.OrderBy(pair => pair.Key), document.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Object_flags_table_has_the_bits_and_names_of_the_enum()
    {
        var document = SpecDocument.Table("### 11.1").ToDictionary(BitOf, row => row[1]);
        var library = Enum.GetValues<ObjectFlags>().Where(flag => flag != ObjectFlags.None).ToDictionary(flag => (uint)flag, Camel);
        Assert.Equal(library.OrderBy(pair => pair.Key), document.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Permissions_table_has_the_bits_and_names_of_the_enum()
    {
        var document = SpecDocument.Table("### 11.6").ToDictionary(BitOf, row => row[1]);
        var library = Enum.GetValues<RoomPermissions>().Where(permission => permission != RoomPermissions.None)
            .ToDictionary(permission => (uint)permission, permission => permission.ToString());
        Assert.Equal(library.OrderBy(pair => pair.Key), document.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Signals_table_has_the_numbers_and_names_of_the_enum()
    {
        // The last row is that of the application's kinds.
        var document = SpecDocument.Table("### 11.9").SkipLast(1)
            .ToDictionary(row => uint.Parse(row[0], CultureInfo.InvariantCulture), row => row[1]);
        var library = Enum.GetValues<SignalKind>().ToDictionary(
            kind => (uint)kind, kind => Words(kind.ToString()).Replace(' ', '_'));
        Assert.Equal(library.OrderBy(pair => pair.Key), document.OrderBy(pair => pair.Key));
    }

    [Theory]
    [InlineData("### 11.5", typeof(ClaimAction))]
    [InlineData("Manage: sequence", typeof(ManageAction))]
    public void Action_table_has_the_numbers_and_names_of_the_enum(string before, Type actions)
    {
        var document = SpecDocument.Table(before).ToDictionary(row => int.Parse(row[0], CultureInfo.InvariantCulture), row => row[1]);
        var library = Enum.GetValues(actions).Cast<object>().ToDictionary(
            action => Convert.ToInt32(action, CultureInfo.InvariantCulture), action => Words(action.ToString()!));
        Assert.Equal(library.OrderBy(pair => pair.Key), document.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Frame_type_table_reserves_ranges_that_no_type_is_in()
    {
        foreach (string[] row in SpecDocument.Table("## 4.").Where(row => row[0].Length > 4))
        {
            byte[] ends = row[0].Split('–').Select(end => Convert.ToByte(end, 16)).ToArray();
            Assert.DoesNotContain(Enum.GetValues<FrameType>(), type => (byte)type >= ends[0] && (byte)type <= ends[1]);
        }
    }

    private static uint BitOf(string[] row) => 1u << int.Parse(row[0], CultureInfo.InvariantCulture);

    private static string Camel(ObjectFlags flag) => char.ToLowerInvariant(flag.ToString()[0]) + flag.ToString()[1..];

    private static string Words(string name) => string.Concat(name.Select((c, i) =>
        char.IsUpper(c) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(c) : c.ToString()));
}
