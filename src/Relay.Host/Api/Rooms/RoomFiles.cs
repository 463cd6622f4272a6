using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Http;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Host.Api.Rooms;

/// <summary>Makes files of rooms, and rooms of files. Everything is checked before anything is written.</summary>
internal sealed class RoomFiles(Database database, IRoomStore store, IOptions<RelayOptions> relay)
{
    /// <summary>The largest file that is read: what a room may hold by default, twice.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    /// <summary>Reads what is stored of a room.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is nothing.</returns>
    public async Task<RoomFile?> ExportAsync(string name, CancellationToken cancellationToken)
    {
        RoomRow? row = await database.ReadAsync(
            connection => RoomRows.FindAsync(connection, name), cancellationToken).ConfigureAwait(false);
        if (row is null)
        {
            return null;
        }

        StoredRoom room = await store.LoadAsync(name, cancellationToken).ConfigureAwait(false) ?? new StoredRoom();
        return new RoomFile
        {
            Format = RoomFile.Kind,
            Version = RoomFile.Newest,
            Name = row.Name,
            Title = row.Title,
            Description = row.Description,
            Settings = RoomSettingsReader.Parse(row.Settings),
            LastObject = room.LastObject,
            Objects = [.. room.Objects.Select(Show)],
            Attributes = [.. room.Attributes.Select(Show)],
        };
    }

    /// <summary>Reads a file.</summary>
    /// <param name="utf8">What is in it.</param>
    /// <exception cref="ApiProblem">400, 413, 422: it is none, or has what no room may have.</exception>
    public RoomFile Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            throw new ApiProblem(ProblemType.TooLarge, $"A room's file takes at most {MaxBytes} bytes; this one takes {utf8.Length}.");
        }

        RoomFile file = JsonBody.Parse(utf8, ApiJson.Default.RoomFile, "The file");
        Check(file, relay.Value.Room);
        return file;
    }

    /// <summary>Checks a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="defaults">What holds where its settings say nothing.</param>
    /// <exception cref="ApiProblem">422.</exception>
    public static void Check(RoomFile file, RoomOptions defaults)
    {
        if (file.Format != RoomFile.Kind || file.Version is < 1 or > RoomFile.Newest)
        {
            throw ApiProblem.Invalid(
                "format",
                $"must be {RoomFile.Kind} of version 1 to {RoomFile.Newest}; " +
                $"it is {ApiRequest.Shown(file.Format)} of version {file.Version}.");
        }

        RoomOptions options = RoomSettingsReader.ToOptions(file.Settings, file.Title, defaults, out IReadOnlyList<FieldProblem> problems);
        if (problems.Count > 0)
        {
            throw ApiProblem.Invalid(problems);
        }

        RoomFileCheck.Objects(file, options);
        RoomFileCheck.Attributes(file, options);
    }

    /// <summary>Stores what is in a file as what is in a room, of which nothing is stored yet.</summary>
    /// <param name="name">The room.</param>
    /// <param name="file">A file that was checked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task FillAsync(string name, RoomFile file, CancellationToken cancellationToken) => store.SaveAsync(
        [
            new RoomChanges
            {
                Room = name,
                LastObject = Math.Max(file.LastObject, file.Objects.Select(made => made.Id).DefaultIfEmpty().Max()),
                Objects = [.. file.Objects.Select(Stored)],
                Attributes = [.. file.Attributes.Select(Stored)],
            },
        ],
        cancellationToken).AsTask();

    private static FileObject Show(StoredObject made) => new()
    {
        Id = made.Id,
        Parent = made.Parent,
        AwaitedParent = made.AwaitedParent,
        Flags = (byte)made.Flags,
        Type = made.Type,
        Name = made.Name,
        IsServers = made.IsServers,
        Place = made.Place is not { Transform: var at, Scale: var scale } ? null
            : scale is { } size ? [at.X, at.Y, at.Z, at.RotationX, at.RotationY, at.RotationZ, at.RotationW, size]
            : [at.X, at.Y, at.Z, at.RotationX, at.RotationY, at.RotationZ, at.RotationW],
    };

    private static FileAttribute Show(StoredValue value) => new()
    {
        Object = value.Name.Object,
        Key = value.Name.Key,
        Flags = (byte)value.Terms.Flags,
        Readers = [(uint)value.Terms.Readers.Kind, value.Terms.Readers.Argument],
        Writers = [(uint)value.Terms.Writers.Kind, value.Terms.Writers.Argument],
        Value = value.Value.ToArray(),
    };

    private static StoredObject Stored(FileObject made) => new()
    {
        Id = made.Id,
        Parent = made.Parent,
        AwaitedParent = made.AwaitedParent,
        Flags = (ObjectFlags)made.Flags,
        Type = made.Type,
        Name = made.Name,
        IsServers = made.IsServers,
        Place = made.Place is { } at
            ? new StoredPlace(
                new Transform(at[0], at[1], at[2], (float)at[3], (float)at[4], (float)at[5], (float)at[6]),
                at.Count > 7 ? (float)at[7] : null)
            : null,
    };

    private static StoredValue Stored(FileAttribute value) => new(
        new AttributeName(value.Object, "", value.Key),
        new AttributeTerms((AttributeFlags)value.Flags, AccessOf(value.Readers), AccessOf(value.Writers)),
        value.Value);

    private static Access AccessOf(IReadOnlyList<uint> access) => new((AccessKind)access[0], access[1]);
}
