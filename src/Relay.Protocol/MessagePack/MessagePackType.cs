namespace Relay.Protocol.MessagePack;

/// <summary>The types of the MessagePack specification ("Type system"), told by a value's first byte.</summary>
public enum MessagePackType : byte
{
    /// <summary>There is no value: the input is at its end.</summary>
    None,

    /// <summary>The byte 0xC1, which the specification never uses.</summary>
    Invalid,

    /// <summary>nil.</summary>
    Nil,

    /// <summary>false, true.</summary>
    Boolean,

    /// <summary>positive and negative fixint, uint 8 to 64, int 8 to 64.</summary>
    Integer,

    /// <summary>float 32, float 64.</summary>
    Float,

    /// <summary>fixstr, str 8 to 32.</summary>
    String,

    /// <summary>bin 8 to 32.</summary>
    Binary,

    /// <summary>fixarray, array 16, array 32.</summary>
    Array,

    /// <summary>fixmap, map 16, map 32.</summary>
    Map,

    /// <summary>fixext 1 to 16, ext 8 to 32; a timestamp is one of them.</summary>
    Extension,
}
