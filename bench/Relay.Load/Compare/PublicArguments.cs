using System.CommandLine.Parsing;

namespace Relay.Load.Compare;

/// <summary>Arguments as they may be kept with a result: without where files lie on this machine.</summary>
internal static class PublicArguments
{
    private const string NestedOptions = "--versus";

    private const string FileOption = "--server";

    /// <summary>Where the result goes is no part of it.</summary>
    private const string DroppedOption = "--out";

    /// <summary>It may hold a password.</summary>
    private const string SecretOption = "--database";

    private static readonly string[] Concerned = [NestedOptions, FileOption, DroppedOption, SecretOption];

    public static string[] Of(IReadOnlyList<string> words)
    {
        var kept = new List<string>();
        for (int i = 0; i < words.Count; i++)
        {
            int equals = words[i].IndexOf('=', StringComparison.Ordinal);
            string option = equals < 0 ? words[i] : words[i][..equals];
            if (!Concerned.Contains(option) || (equals < 0 && i + 1 == words.Count))
            {
                kept.Add(words[i]);
                continue;
            }

            string value = equals < 0 ? words[++i] : words[i][(equals + 1)..];
            if (option is not (DroppedOption or SecretOption))
            {
                kept.AddRange([option, option == NestedOptions ? Of(value) : Path.GetFileName(value)]);
            }
        }

        return [.. kept];
    }

    /// <summary>The same for options in one text.</summary>
    public static string Of(string words) => string.Join(' ', Of([.. CommandLineParser.SplitCommandLine(words)]));
}
