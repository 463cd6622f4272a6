namespace Relay.Host.Files.Store.S3;

/// <summary>An S3 bucket, section <c>Relay:Files:Store:S3</c>. The bucket should have a lifecycle rule that ends incomplete multipart
/// uploads after some days: what a crash leaves of them costs space and is in no list.</summary>
internal sealed class S3Options
{
    /// <summary>The bucket. Default null: files are kept on the local disk.</summary>
    public string? Bucket { get; set; }

    /// <summary>What comes before the names in the bucket, for instance <c>relay/</c>. Default empty.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Where the service is, if it is not Amazon's: <c>https://minio.example:9000</c>. Default null: Amazon's in
    /// <see cref="Region"/>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>The region, which requests are signed for. Default <c>us-east-1</c>, which services without regions take, too.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Whether the bucket is the first part of the path and not of the host. Default null: yes with an <see cref="Endpoint"/>,
    /// since such services seldom have a host name for each bucket, otherwise no.</summary>
    public bool? PathStyle { get; set; }

    /// <summary>The id of the credentials. Default null: those of the environment, the profile or the machine, as in all AWS
    /// tools.</summary>
    public string? AccessKey { get; set; }

    /// <summary>The secret of the credentials. Never shown.</summary>
    public string? SecretKey { get; set; }

    /// <summary>The most time for one request until its answer begins, and for each pause in it. Default 30 s: a part of 8 MiB in that time
    /// is 2 Mbit/s. 1 s to 1 h.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        const string Section = "Relay:Files:Store:S3";
        if (Bucket is null)
        {
            yield break;
        }

        if (Bucket.Length is < 3 or > 63)
        {
            yield return $"{Section}:Bucket must have 3 to 63 characters; it has {Bucket.Length}.";
        }

        if (Endpoint is not null && (!Uri.TryCreate(Endpoint, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https")))
        {
            yield return $"{Section}:Endpoint must be http(s)://HOST or http(s)://HOST:PORT; it is \"{Endpoint}\".";
        }

        if (string.IsNullOrWhiteSpace(Region))
        {
            yield return $"{Section}:Region is empty.";
        }

        if (AccessKey is null != SecretKey is null)
        {
            yield return $"{Section}:AccessKey and SecretKey must be given together, or neither.";
        }

        if (Prefix.StartsWith('/') || Prefix.Length > 0 && !Prefix.EndsWith('/'))
        {
            yield return $"{Section}:Prefix must end with a slash and not begin with one; it is \"{Prefix}\".";
        }

        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromHours(1))
        {
            yield return $"{Section}:Timeout must be 00:00:01 to 01:00:00; it is {Timeout}.";
        }
    }
}
