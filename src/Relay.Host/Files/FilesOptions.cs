using Relay.Host.Files.Store;
using Relay.Host.Files.Types;

namespace Relay.Host.Files;

/// <summary>Media files, section <c>Relay:Files</c>. Read once, at start.</summary>
internal sealed class FilesOptions
{
    private const long MiB = 1024 * 1024;

    /// <summary>Whether files are taken and served at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The most bytes of an image. Default 32 MiB: a camera's photograph. Range 1 to 5 TiB, as of the others.</summary>
    public long MaxImageBytes { get; set; } = 32 * MiB;

    /// <summary>The most bytes of a sound. Default 128 MiB: an hour of music.</summary>
    public long MaxAudioBytes { get; set; } = 128 * MiB;

    /// <summary>The most bytes of a video. Default 2 GiB.</summary>
    public long MaxVideoBytes { get; set; } = 2048 * MiB;

    /// <summary>The most bytes of a glTF or GLB model. Default 128 MiB: more does not load in a browser while somebody waits.</summary>
    public long MaxModelBytes { get; set; } = 128 * MiB;

    /// <summary>The most bytes of a PDF. Default 64 MiB.</summary>
    public long MaxDocumentBytes { get; set; } = 64 * MiB;

    /// <summary>The most bytes that the files of an account may have together, with what is on its way. Default 4 GiB. Range 0 to
    /// 1 PiB, as of the others.</summary>
    public long AccountQuota { get; set; } = 4096 * MiB;

    /// <summary>The same for a guest, of whom anybody can make many. Default 256 MiB.</summary>
    public long GuestQuota { get; set; } = 256 * MiB;

    /// <summary>The most bytes that the store may hold, with what is on its way. Default 64 GiB.</summary>
    public long TotalQuota { get; set; } = 64 * 1024 * MiB;

    /// <summary>The most uploads that an account may have under way. Default 8. Range 1 to 1,000.</summary>
    public int MaxUploads { get; set; } = 8;

    /// <summary>How long a file is kept that nobody has claimed and no room shows. Default 24 h. Range 1 minute to 365 days.</summary>
    public TimeSpan TemporaryLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long an upload that does not go on can still be gone on with. Default 24 h. Range 1 minute to 30 days.</summary>
    public TimeSpan UploadLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often what is over is removed. Default 1 minute. Range 1 s to 1 day.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The origin at which files are served, if not at the program's own: <c>https://files.example.org</c>. A file that a browser should
    /// take for a page after all then has nothing of the program's pages. Such requests come here too; that origin serves files only, and
    /// no other serves them. Default none.
    /// </summary>
    public string? Origin { get; set; }

    /// <summary>How much a file may ask of those who show it.</summary>
    public InspectionLimits Inspection { get; set; } = new();

    /// <summary>Where files are kept.</summary>
    public FileStoreOptions Store { get; set; } = new();

    /// <summary>The most bytes of a file of whatever kind.</summary>
    public long MostOfAll => Enum.GetValues<FileKind>().Max(MostOf);

    /// <summary>The most bytes of a file of a kind.</summary>
    public long MostOf(FileKind kind) => kind switch
    {
        FileKind.Image => MaxImageBytes,
        FileKind.Audio => MaxAudioBytes,
        FileKind.Video => MaxVideoBytes,
        FileKind.Model => MaxModelBytes,
        _ => MaxDocumentBytes,
    };

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        foreach ((string name, long value, long least, long most) in new[]
        {
            (nameof(MaxImageBytes), MaxImageBytes, 1, 5 * MiB * MiB),
            (nameof(MaxAudioBytes), MaxAudioBytes, 1, 5 * MiB * MiB),
            (nameof(MaxVideoBytes), MaxVideoBytes, 1, 5 * MiB * MiB),
            (nameof(MaxModelBytes), MaxModelBytes, 1, 5 * MiB * MiB),
            (nameof(MaxDocumentBytes), MaxDocumentBytes, 1, 5 * MiB * MiB),
            (nameof(AccountQuota), AccountQuota, 0, 1024 * MiB * MiB),
            (nameof(GuestQuota), GuestQuota, 0, 1024 * MiB * MiB),
            (nameof(TotalQuota), TotalQuota, 0, 1024 * MiB * MiB),
            (nameof(MaxUploads), MaxUploads, 1, 1000),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Files:{name} must be {least} to {most}; it is {value}.";
            }
        }

        foreach ((string name, TimeSpan value, TimeSpan least, TimeSpan most) in new[]
        {
            (nameof(TemporaryLifetime), TemporaryLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)),
            (nameof(UploadLifetime), UploadLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)),
            (nameof(SweepInterval), SweepInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Files:{name} must be {least} to {most}; it is {value}.";
            }
        }

        if (Origin is not null && !(Uri.TryCreate(Origin, UriKind.Absolute, out Uri? origin) && origin.Scheme is "http" or "https"
            && origin.GetLeftPart(UriPartial.Authority) == Origin))
        {
            yield return $"Relay:Files:Origin must be an origin without a path, as https://files.example.org; it is \"{Origin}\".";
        }

        foreach (string problem in Inspection.Validate("Relay:Files:Inspection").Concat(Store.Validate()))
        {
            yield return problem;
        }
    }
}
