namespace Relay.Host.Files.Store.Sealing;

/// <summary>What a file's own key is derived from. The numbers are in the files.</summary>
internal enum SealKind : byte
{
    /// <summary>A key of this installation.</summary>
    Master = 1,

    /// <summary>A secret that only the caller has: without it nobody reads the file, the operator included.</summary>
    Token = 2,
}
