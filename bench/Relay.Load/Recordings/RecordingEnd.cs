namespace Relay.Load.Recordings;

/// <summary>How a recording ends.</summary>
internal enum RecordingEnd
{
    /// <summary>After a whole record.</summary>
    Whole,

    /// <summary>In the middle of a record: whoever wrote it was interrupted.</summary>
    CutOff,

    /// <summary>With bytes that are no record; what comes after them cannot be found.</summary>
    Damaged,
}
