using System.Xml.Linq;

namespace Relay.Architecture.Tests;

/// <summary>Host → {Core, Media} → Protocol; Client → Protocol. Checked in the project files and in what they were compiled to.</summary>
public sealed class ProjectArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Relay.Protocol"] = [],
        ["Relay.Core"] = ["Relay.Protocol"],
        ["Relay.Media"] = ["Relay.Protocol"],
        ["Relay.Client"] = ["Relay.Protocol"],
        ["Relay.Host"] = ["Relay.Core", "Relay.Media", "Relay.Protocol"],
    };

    private static readonly string[] BannedInProtocol =
    [
        "System.Net",
        "System.IO.Pipelines",
        "System.Threading.Channels",
        "System.Threading.Tasks",
        "Microsoft.AspNetCore",
        "Microsoft.Extensions",
    ];

    public static TheoryData<string> Projects => [.. Repository.SourceProjects.Select(path => Path.GetFileNameWithoutExtension(path)!).Order()];

    [Theory, MemberData(nameof(Projects))]
    public void Project_file_references_only_what_its_arrows_allow(string project)
    {
        var file = XDocument.Load(Repository.SourceProjects.Single(path => Path.GetFileNameWithoutExtension(path) == project));
        var references = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Empty(Forbidden(project, references));
    }

    [Theory, MemberData(nameof(Projects))]
    public void Assembly_references_only_what_its_arrows_allow(string project)
    {
        foreach (var assembly in Repository.AssembliesOf(project))
        {
            using var names = new TypeNames(assembly);
            Assert.Empty(Forbidden(project, names.ReferencedAssemblies().Where(name => TypeNames.IsWithin(name, "Relay"))));
        }
    }

    [Fact]
    public void Protocol_names_no_socket_task_or_service_type()
    {
        foreach (var assembly in Repository.AssembliesOf("Relay.Protocol"))
        {
            using var names = new TypeNames(assembly);
            var banned = names.ReferencedAssemblies().Concat(names.NamedAnywhere())
                .Where(name => BannedInProtocol.Any(root => TypeNames.IsWithin(name, root)));

            Assert.Empty(banned);
        }
    }

    [Fact]
    public void Core_and_media_never_see_each_other()
    {
        Assert.Equal(["Relay.Media"], Forbidden("Relay.Core", ["Relay.Protocol", "Relay.Media"]));
        Assert.Equal(["Relay.Core"], Forbidden("Relay.Media", ["Relay.Protocol", "Relay.Core"]));
    }

    // A project that is not in the table has no arrows yet: decide them there first.
    private static string[] Forbidden(string project, IEnumerable<string> references)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not in the table of arrows in {nameof(ProjectArrowTests)}.");
        return [.. references.Except(Allowed[project])];
    }
}
