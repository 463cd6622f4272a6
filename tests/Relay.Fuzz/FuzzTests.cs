using System.Globalization;
using Relay.Protocol.Tests;

namespace Relay.Fuzz;

/// <summary>The fuzz targets as tests: the corpus, a short run that is always the same, and a long one on demand.</summary>
public class FuzzTests
{
    /// <summary>Inputs of the short run for each target: together about two seconds.</summary>
    private const int ShortRun = 25_000;

    private const int ShortSeed = 20_260_901;

    /// <summary>Seconds of the long run over all targets, by RELAY_FUZZ_SECONDS; 60 by default.</summary>
    private static int LongRunSeconds => int.TryParse(
        Environment.GetEnvironmentVariable("RELAY_FUZZ_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : 60;

    public static TheoryData<string> TargetNames => new(FuzzRun.Targets.Select(target => target.Name));

    public static TheoryData<string, string> CorpusEntries
    {
        get
        {
            var entries = new TheoryData<string, string>();
            foreach (IFuzzTarget target in FuzzRun.Targets)
            {
                foreach (string file in FuzzRun.CorpusFiles(target.Name))
                {
                    entries.Add(target.Name, Path.GetFileName(file));
                }
            }

            return entries;
        }
    }

    [Fact]
    public void Every_directory_of_the_corpus_has_a_target_and_every_target_a_corpus()
    {
        IEnumerable<string?> directories = Directory.EnumerateDirectories(FuzzRun.CorpusDirectory).Select(Path.GetFileName);
        Assert.Equal(FuzzRun.Targets.Select(target => target.Name).Order(), directories.Order());
        Assert.All(FuzzRun.Targets, target => Assert.NotEmpty(FuzzRun.CorpusFiles(target.Name)));
    }

    [Fact]
    public void Every_frame_of_the_document_is_in_the_corpus_as_it_stands_there()
    {
        foreach (SpecExample example in SpecDocument.Frames)
        {
            string file = Path.Combine(FuzzRun.CorpusDirectory, "messages", "spec-" + example.Name + ".hex");
            Assert.Equal(Convert.ToHexString(example.Bytes), Convert.ToHexString(SpecDocument.ParseHex(File.ReadAllText(file))));
        }
    }

    [Fact]
    public void Oracle_reads_the_examples_as_their_comments_state()
    {
        foreach (SpecExample example in SpecDocument.Frames)
        {
            IReadOnlyList<string>? fields = NaiveDecoder.Read(example.Bytes[3], example.Bytes[4..], new NaiveSpace(131_072, 131_072, 131_072));
            Assert.Equal(example.Fields.Skip(1), fields);
        }
    }

    [Theory]
    [MemberData(nameof(CorpusEntries))]
    public void Corpus_entry_is_read_alike(string target, string file)
    {
        byte[] input = SpecDocument.ParseHex(File.ReadAllText(Path.Combine(FuzzRun.CorpusDirectory, target, file)));
        FuzzRun.Run(FuzzRun.Target(target), input);
        for (int length = 0; length < input.Length; length++)
        {
            FuzzRun.Run(FuzzRun.Target(target), input[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(TargetNames))]
    public void Mutated_corpus_is_read_alike(string name)
    {
        IFuzzTarget target = FuzzRun.Target(name);
        var mutator = new Mutator(FuzzRun.Corpus(name), ShortSeed);
        for (int i = 0; i < ShortRun; i++)
        {
            FuzzRun.Run(target, mutator.Next(target));
        }
    }

    [Theory]
    [Trait("Category", "Full")]
    [MemberData(nameof(TargetNames))]
    public void Mutated_corpus_is_read_alike_for_long(string name)
    {
        IFuzzTarget target = FuzzRun.Target(name);
        TimeProvider time = TimeProvider.System;
        var share = TimeSpan.FromSeconds((double)LongRunSeconds / FuzzRun.Targets.Count);
        long start = time.GetTimestamp();
        for (int seed = ShortSeed + 1; time.GetElapsedTime(start) < share; seed++)
        {
            var mutator = new Mutator(FuzzRun.Corpus(name), seed);
            for (int i = 0; i < 1_000; i++)
            {
                FuzzRun.Run(target, mutator.Next(target));
            }
        }
    }
}
