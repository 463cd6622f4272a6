using System.CommandLine;

var root = new RootCommand("Relay's load tester");

return await root.Parse(args).InvokeAsync();
