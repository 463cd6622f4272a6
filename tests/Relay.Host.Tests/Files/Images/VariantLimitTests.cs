using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.Host.Files.Images;
using Relay.Host.Files.Store;
using Relay.Host.Tests.Files.Images.Kit;

namespace Relay.Host.Tests.Files.Images;

/// <summary>Pictures that are made to do harm, and processes that must end.</summary>
public sealed class VariantLimitTests
{
    private const int Bomb = 50_000;

    [Fact]
    public async Task Case55_tooManyPixels_byTheHeader_areNotEvenRead()
    {
        await using var bed = new ImageBed();
        var tooMany = new VariantOutcome(VariantStatus.Refused, "It has more than 100000000 pixels in all its frames.");
        foreach ((string mediaType, int width, int height, int frames, string name, bool isMade) in new[]
        {
            ("image/png", Bomb, Bomb, 1, "64.webp", false),
            ("image/jpeg", 10_001, 10_000, 1, "64.jpg", false),
            ("image/gif", 100, 100, 100_000, "64.webp", false),
            ("image/png", int.MaxValue, int.MaxValue, 1, "64.webp", false),
            ("image/gif", 10_000, 10_000, int.MaxValue, "64.webp", false),
            ("image/gif", 100, 100, 100_000, "64.png", true),
            ("image/gif", 10_000, 10_000, 1, "64.webp", true),
        })
        {
            bool isRead = false;
            ImageSource original = ImageBed.Source(Drawing.Gif(20, 10, 0, 1), mediaType, frames, () => isRead = true);
            (VariantOutcome outcome, _) = await bed.TryMakeAsync(original with { Width = width, Height = height }, name);
            Assert.Equal(isMade ? VariantOutcome.Done : tooMany, outcome);
            Assert.Equal(isMade, isRead);
        }
    }

    [Fact]
    public async Task Case55_bombThatGotPastTheHeader_isEndedByTime_inBoundedMemory()
    {
        // Line by line it needs no memory to speak of, only time: 2.5 billion pixels of it.
        byte[] bomb = Drawing.BlackPng(Bomb, Bomb, isInterlaced: false);
        Assert.InRange(bomb.Length, 1, 4_000_000);
        await using var bed = new ImageBed(options => options.Timeout = TimeSpan.FromMilliseconds(700));
        (VariantOutcome outcome, long peak) = await WatchAsync(bed, bomb);
        Assert.Equal(new VariantOutcome(VariantStatus.Refused, "Making it takes longer than 0.7 s."), outcome);
        Assert.InRange(peak, 1, bed.Options.MaxMemory);
        Assert.Equal(1, bed.Counted("relay.files.variants refused"));
    }

    [Fact]
    public async Task Case55_bombThatGotPastTheHeader_isEndedByMemory()
    {
        // Interlaced, it must be in memory as a whole: 2.5 GB.
        byte[] bomb = Drawing.BlackPng(Bomb, Bomb, isInterlaced: true);
        await using var bed = new ImageBed(options => options.MaxMemory = 1L << 28);
        (VariantOutcome outcome, long peak) = await WatchAsync(bed, bomb);
        Assert.Equal(new VariantOutcome(VariantStatus.Refused, "Making it takes more than 256 MiB of memory."), outcome);
        Assert.InRange(peak, 1, bed.Options.MaxMemory);
    }

    [Fact]
    public async Task Hanging_isKilledAtTheTimeout_withWhatItHasStarted_andSaysSo()
    {
        await using var bed = new ImageBed(
            options => options.Timeout = TimeSpan.FromMilliseconds(300),
            "sleep 1000 & echo $$ $!; echo 'it  hangs /etc' >&2; trap '' TERM; cat >/dev/null; wait");
        (VariantOutcome outcome, byte[] made) = await bed.TryMakeAsync(ImageBed.Source([1], "image/png"), "64.png");
        Assert.Equal(new VariantOutcome(VariantStatus.Refused, "Making it takes longer than 0.3 s."), outcome);
        await GoneAsync(made);
        Assert.Contains(bed.Log.Lines, line => line.Contains("The program said: it  hangs /etc (0 more", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NobodyWaits_andTheProcessIsGone()
    {
        await using var bed = new ImageBed(script: "echo $$; exec sleep 1000");
        using var gone = new CancellationTokenSource();
        var pipe = new Pipe();
        Task<VariantOutcome> making = bed.Variants.MakeAsync(
            ImageBed.Source([1], "image/png"), new VariantName(64, VariantFormat.Png), pipe.Writer, gone.Token);
        byte[] id = (await pipe.Reader.ReadAsync()).Buffer.FirstSpan.ToArray();
        Assert.True(Directory.Exists(ProcessOf(id)));
        await gone.CancelAsync();
        Assert.Equal(VariantStatus.Cut, (await making).Status);
        await GoneAsync(id);
    }

    [Fact]
    public async Task ServerStops_andTheProcessIsGone()
    {
        await using var bed = new ImageBed();
        var held = new Held();
        Task<(VariantOutcome Outcome, byte[] Content)> making = bed.TryMakeAsync(held.Source, "64.webp");
        await held.Begun;
        string id = await bed.ProcessAsync();
        await bed.Variants.StopAsync(default);
        Assert.False(Directory.Exists($"/proc/{id}"));
        Assert.Equal(VariantStatus.Cut, (await making).Outcome.Status);
    }

    [Fact]
    public async Task Receiver_thatTakesNoMore_endsTheProcess()
    {
        await using var bed = new ImageBed(script: "exec cat /dev/zero");
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        VariantOutcome outcome = await bed.Variants.MakeAsync(
            ImageBed.Source([1], "image/png"), new VariantName(64, VariantFormat.Png), pipe.Writer, default);
        Assert.Equal(VariantStatus.Cut, outcome.Status);
    }

    [Fact]
    public async Task Variant_thatHasNoEnd_isEnded()
    {
        await using var bed = new ImageBed(script: "exec cat /dev/zero");
        (VariantOutcome outcome, byte[] made) = await bed.TryMakeAsync(ImageBed.Source([1], "image/png"), "64.webp");
        Assert.Equal(new VariantOutcome(VariantStatus.Refused, "It would be too long."), outcome);
        Assert.Empty(made);
    }

    [Fact]
    public async Task Original_thatCannotBeRead_isNoFaultOfIt()
    {
        await using var bed = new ImageBed();
        byte[] png = Drawing.Quarters(200, 120);
        (VariantOutcome outcome, _) = await bed.TryMakeAsync(
            new ImageSource("image/png", 1, 1, 1, async (to, cancellationToken) =>
            {
                await to.WriteAsync(png.AsMemory(0, png.Length / 2), cancellationToken);
                return new StoreOutcome(StoreStatus.Damaged, "its segment 1 is not the one that was sealed");
            }),
            "64.webp");
        Assert.Equal(new VariantOutcome(VariantStatus.Unavailable, "The original could not be read in time."), outcome);
        Assert.Contains(bed.Log.Lines, line => line.Contains("its segment 1 is not the one that was sealed", StringComparison.Ordinal));
        Assert.False(outcome.IsFinal);
    }

    [Fact]
    public async Task Original_thatComesTooSlowly_isNoFaultOfIt()
    {
        await using var bed = new ImageBed(options => options.Timeout = TimeSpan.FromMilliseconds(200));
        (VariantOutcome outcome, _) = await bed.TryMakeAsync(new Held().Source, "64.webp");
        Assert.Equal(VariantStatus.Unavailable, outcome.Status);
        Assert.Contains(bed.Log.Lines, line => line.Contains("the original came too slowly", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Program_getsNoFiles_noSocketsNoEnvironment_andLowPriority()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var bed = new ImageBed(
            script: "exec 2>&1; cat >/dev/null; ls -l /proc/self/fd | grep -c socket:; " +
                "env | cut -d= -f1 | grep -v '^_$' | sort | tr '\\n' ' '; nice; " +
                "cat /proc/self/oom_score_adj; pwd; (echo secret >\"${0%/*}/leak\"); echo $?");
        (VariantOutcome outcome, byte[] made) = await bed.TryMakeAsync(ImageBed.Source([1], "image/png"), "64.png");
        Assert.True(outcome.IsDone);

        // 153: the signal that a file would be longer than it may.
        Assert.Equal(
            "0\nMALLOC_ARENA_MAX PWD VIPSHOME VIPS_BLOCK_UNTRUSTED VIPS_CONCURRENCY 10\n1000\n/\n153\n",
            Encoding.ASCII.GetString(made).Replace("File size limit exceeded\n", "", StringComparison.Ordinal));
        Assert.Equal(0, new FileInfo(Path.Combine(bed.Place, "leak")).Length);
    }

    [Fact]
    public async Task ManyAtOnce_waitInABoundedQueue()
    {
        await using var bed = new ImageBed(options => (options.MaxConcurrent, options.MaxWaiting) = (1, 1));
        var first = new Held();
        var second = new Held();
        Task<(VariantOutcome Outcome, byte[] Content)> making = bed.TryMakeAsync(first.Source, "64.webp");
        await first.Begun;
        Task<(VariantOutcome Outcome, byte[] Content)> waiting = bed.TryMakeAsync(second.Source, "64.webp");
        (VariantOutcome busy, _) = await bed.TryMakeAsync(new Held().Source, "64.webp");
        Assert.Equal(new VariantOutcome(VariantStatus.Busy, "Too many variants are being made."), busy);
        await bed.ProcessAsync();
        Assert.InRange(bed.Processes.Length, 0, 1);
        first.LetGo();
        Assert.True((await making).Outcome.IsDone);
        second.LetGo();
        Assert.True((await waiting).Outcome.IsDone);
        Assert.Equal(1, bed.Counted("relay.files.variants busy"));
    }

    [Fact]
    public async Task TwentyAskAtOnce_andTheProgramRunsOnce()
    {
        await using var bed = new ImageBed();
        var flight = new SingleFlight<(string, VariantName), byte[]>();
        var held = new Held();
        var name = new VariantName(64, VariantFormat.Webp);
        Task<byte[]>[] asking = [.. Enumerable.Range(0, 20).Select(_ => flight.RunAsync(("hash", name), MakeAsync, default))];
        await held.Begun;
        held.LetGo();
        byte[][] all = await Task.WhenAll(asking);
        Assert.All(all, made => Assert.Same(all[0], made));
        Assert.Equal(1, bed.Counted("relay.files.variants done"));
        Assert.Equal(0, flight.Count);

        async Task<byte[]> MakeAsync(CancellationToken cancellationToken)
        {
            (VariantOutcome outcome, byte[] made) = await bed.TryMakeAsync(held.Source, name.ToString(), cancellationToken);
            Assert.True(outcome.IsDone);
            return made;
        }
    }

    private static async Task<(VariantOutcome Outcome, long Peak)> WatchAsync(ImageBed bed, byte[] bomb)
    {
        Task<(VariantOutcome Outcome, byte[] Content)> making = bed.TryMakeAsync(ImageBed.Source(bomb, "image/png"), "64.webp");
        long peak = 0;
        while (!making.IsCompleted)
        {
            peak = Math.Max(peak, bed.Peak);
            await Task.WhenAny(making, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }

        return ((await making).Outcome, peak);
    }

    private static string ProcessOf(byte[] id) => "/proc/" + Encoding.ASCII.GetString(id).Trim();

    /// <summary>Of the process not even a zombie is left; what it had started is dead, or about to be, and the system's to clear
    /// away.</summary>
    private static async Task GoneAsync(byte[] ids)
    {
        string[] all = Encoding.ASCII.GetString(ids).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(all);
        Assert.False(Directory.Exists("/proc/" + all[0]));
        foreach (string id in all[1..])
        {
            await ImageBed.UntilAsync(() =>
            {
                string state = ImageBed.Read(id, "stat");
                return state.Length == 0 || state.Contains(") Z ", StringComparison.Ordinal);
            });
        }
    }

    /// <summary>An original that comes when it is told to.</summary>
    private sealed class Held
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Held() => Source = new ImageSource("image/png", 1, 1, 1, async (to, cancellationToken) =>
        {
            _begun.TrySetResult();
            await _free.Task.WaitAsync(cancellationToken);
            await to.WriteAsync(Drawing.Quarters(20, 10), cancellationToken);
            return StoreOutcome.Done;
        });

        public ImageSource Source { get; }

        public Task Begun => _begun.Task;

        public void LetGo() => _free.SetResult();
    }
}
