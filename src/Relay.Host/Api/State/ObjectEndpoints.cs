using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Relay.Core.Hosting;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Http;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Host.Api.State;

/// <summary>Objects of a room. What is made over REST belongs to nobody, so changing it takes what changing another's takes.</summary>
internal static class ObjectEndpoints
{
    public static void MapObjects(this RouteGroupBuilder api)
    {
        api.MapGet("/rooms/{room}/objects", ListAsync).Describe(
            "listObjects", "Objects", "Lists a room's objects, by id.", query: Operation.Paged)
            .Answers<Page<ObjectAnswer>>(200).Problems(401, 403, 404, 422);
        api.MapPost("/rooms/{room}/objects", CreateAsync).Describe(
            "createObject", "Objects", "Makes an object; it belongs to nobody.", headers: [Operation.IdempotencyKey])
            .Takes<ObjectBody>().Answers<ObjectAnswer>(201).Problems(401, 403, 404, 409, 413, 422);
        api.MapGet("/rooms/{room}/objects/{object}", GetAsync).Describe(
            "getObject", "Objects", "Tells about an object. The ETag is of its type, name, parent and flags, not of its place.")
            .Answers<ObjectAnswer>(200).Problems(401, 403, 404);
        api.MapPatch("/rooms/{room}/objects/{object}", PatchAsync).Describe(
            "changeObject", "Objects", "Changes or moves an object.", headers: ["If-Match"])
            .Takes<ObjectPatch>().Answers<ObjectAnswer>(200).Problems(401, 403, 404, 409, 412, 422, 423);
        api.MapDelete("/rooms/{room}/objects/{object}", DeleteAsync).Describe(
            "deleteObject", "Objects", "Removes an object and everything under it.", headers: ["If-Match"])
            .Answers(204).Problems(401, 403, 404, 412, 423);
        api.MapPost("/rooms/{room}/objects/{object}/clone", CloneAsync).Describe(
            "cloneObject", "Objects",
            "Copies an object and everything under it, with the attributes that are cloneable.",
            headers: [Operation.IdempotencyKey])
            .Takes<CloneBody>().Answers<ObjectAnswer>(201).Problems(401, 403, 404, 409, 422);
    }

    private static async Task<IResult> ListAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        int limit = context.Limit();
        string cursor = context.Cursor();
        uint after = 0;
        if (cursor.Length > 0 && !uint.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            throw ApiProblem.Invalid("cursor", "must be a nextCursor as it was answered.");
        }

        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        await using RoomLease lease = await server.Rooms.OpenAsync(
            view.Name, view.Known.Options, context.RequestAborted).ConfigureAwait(false);
        IReadOnlyList<InspectedObject> found = await lease.Room.ObjectsAsync(
            after, limit + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(
            Paging.Of(found, limit, made => made.Image.Id.ToString(CultureInfo.InvariantCulture), Show), ApiJson.Default.PageObjectAnswer);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(FrameType.CreateObject), "Making an object");
        ObjectBody body = await JsonBody.ReadAsync(context, ApiJson.Default.ObjectBody).ConfigureAwait(false);
        NewAttribute[] attributes =
            [.. (body.Attributes ?? new Dictionary<string, AttributeBody>()).Select(entry => ReadAttribute(entry.Key, entry.Value, view))];
        if (body.Persistent || attributes.Any(attribute => attribute.Terms is { } terms && (terms.Flags & AttributeFlags.Persistent) != 0))
        {
            view.Demand(RoomRights.ToPin, "Making something persistent");
        }

        if (body.Fixed)
        {
            view.Demand(RoomRights.Needs(FrameType.UpdateObject, own: false), "Making an object that nobody can move");
        }

        await using RoomLease lease = await server.Rooms.OpenAsync(
            view.Name, view.Known.Options, context.RequestAborted).ConfigureAwait(false);
        uint id = await lease.Room.CreateObjectAsync(
            new NewObject
            {
                Type = body.Type,
                Name = body.Name,
                Parent = body.Parent,
                Flags = FlagsOf(body.Persistent, body.Fixed),
                Place = body.Place is { } place ? Read(place) : null,
                Attributes = attributes,
            },
            context.RequestAborted).ConfigureAwait(false);
        return await MadeAsync(context, lease, id).ConfigureAwait(false);
    }

    private static async Task<IResult> GetAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        uint id = context.Id(3);
        await using RoomLease lease = await server.Rooms.OpenAsync(
            view.Name, view.Known.Options, context.RequestAborted).ConfigureAwait(false);
        return await AnswerAsync(context, lease, id, StatusCodes.Status200OK).ConfigureAwait(false);
    }

    private static async Task<IResult> PatchAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        Precondition condition = Precondition.Of(context);
        (RoomView view, RoomLease lease, InspectedObject found) = await ChangingAsync(
            context, access, server, FrameType.UpdateObject).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            ObjectPatch body = await JsonBody.ReadAsync(context, ApiJson.Default.ObjectPatch).ConfigureAwait(false);
            bool persistent = body.Persistent ?? (found.Image.Flags & ObjectFlags.Persistent) != 0;
            bool isFixed = body.Fixed ?? (found.Image.Flags & ObjectFlags.Fixed) != 0;
            if (persistent && (found.Image.Flags & ObjectFlags.Persistent) == 0)
            {
                view.Demand(RoomRights.ToPin, "Making an object persistent");
            }

            if (body.Place is not null && (found.Image.Flags & ObjectFlags.Placed) == 0)
            {
                throw ApiProblem.Invalid("place", "cannot be given to an object that was made without one.");
            }

            Transform? place = body.Place is { } wanted ? Read(wanted) : null;
            var change = new ObjectChange
            {
                Type = body.Type,
                Name = body.Name,
                Parent = body.Parent,
                Flags = body.Persistent is null && body.Fixed is null ? null : FlagsOf(persistent, isFixed),
            };
            await CallAsync(
                condition,
                () => lease.Room.UpdateObjectAsync(
                    found.Image.Id, change, Expected(condition, lease), context.RequestAborted)).ConfigureAwait(false);
            if (place is { } there)
            {
                lease.Room.MoveObject(found.Image.Id, there);
            }

            return await AnswerAsync(context, lease, found.Image.Id, StatusCodes.Status200OK).ConfigureAwait(false);
        }
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        Precondition condition = Precondition.Of(context);
        (_, RoomLease lease, InspectedObject found) = await ChangingAsync(
            context, access, server, FrameType.RemoveObject).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            await CallAsync(
                condition,
                () => lease.Room.RemoveObjectAsync(
                    found.Image.Id, Expected(condition, lease), context.RequestAborted)).ConfigureAwait(false);
            return Results.NoContent();
        }
    }

    private static async Task<IResult> CloneAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(FrameType.CloneObject), "Copying an object");
        uint id = context.Id(3);
        CloneBody body = await JsonBody.ReadAsync(context, ApiJson.Default.CloneBody).ConfigureAwait(false);
        await using RoomLease lease = await server.Rooms.OpenAsync(
            view.Name, view.Known.Options, context.RequestAborted).ConfigureAwait(false);
        InspectedObject original = await lease.Room.FindObjectAsync(id, context.RequestAborted).ConfigureAwait(false)
            ?? throw NoSuchObject(id);
        if ((original.Image.Flags & ObjectFlags.Persistent) != 0)
        {
            view.Demand(RoomRights.ToPin, "Copying what is persistent");
        }

        uint copy = await lease.Room.CloneObjectAsync(id, body.Parent, body.Name, context.RequestAborted).ConfigureAwait(false);
        return await MadeAsync(context, lease, copy).ConfigureAwait(false);
    }

    /// <summary>The object of a request that changes it, in its room, held open; the asker may do it.</summary>
    private static async Task<(RoomView View, RoomLease Lease, InspectedObject Found)> ChangingAsync(
        HttpContext context, RoomAccess access, RelayServer server, FrameType type)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        uint id = context.Id(3);
        RoomLease lease = await server.Rooms.OpenAsync(view.Name, view.Known.Options, context.RequestAborted).ConfigureAwait(false);
        try
        {
            AttributeSight sight = await AttributeSight.OfAsync(
                view, lease.Room, AttributeTarget.OfObject(id), context.RequestAborted).ConfigureAwait(false);
            bool own = sight.Is(sight.Target!.Image.Owner);
            view.Demand(RoomRights.Needs(type, own), own ? "Changing an object" : "Changing an object that is not yours");
            sight.DemandUnlocked();
            return (view, lease, sight.Target);
        }
        catch
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static Func<ObjectImage, bool>? Expected(Precondition condition, RoomLease lease) =>
        condition.NamesVersion ? image => condition.Matches(TagOf(image, lease.Room.Epoch)) : null;

    private static async Task CallAsync(Precondition condition, Func<Task> call)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (RoomRefusedException e)
        {
            throw ApiProblem.Of(e, condition.NamesVersion);
        }
    }

    private static Task<IResult> MadeAsync(HttpContext context, RoomLease lease, uint id)
    {
        context.Response.Headers.Location = $"/api/v1/rooms/{Uri.EscapeDataString(lease.Room.Name)}/objects/{id}";
        return AnswerAsync(context, lease, id, StatusCodes.Status201Created);
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, RoomLease lease, uint id, int status)
    {
        InspectedObject found = await lease.Room.FindObjectAsync(id, context.RequestAborted).ConfigureAwait(false)
            ?? throw NoSuchObject(id);
        Precondition.SetTag(context, TagOf(found.Image, lease.Room.Epoch));
        return Results.Json(Show(found), ApiJson.Default.ObjectAnswer, statusCode: status);
    }

    private static ApiProblem NoSuchObject(uint id) => ApiProblem.NotFound($"There is no object {id} in the room.");

    private static ObjectFlags FlagsOf(bool persistent, bool isFixed) =>
        (persistent ? ObjectFlags.Persistent : 0) | (isFixed ? ObjectFlags.Fixed : 0);

    private static NewAttribute ReadAttribute(string key, AttributeBody body, RoomView view) => RoomRights.IsReservedKey(TargetKind.Object, key)
        ? throw ApiProblem.Forbidden("Keys that begin with \"relay.\" are the server's.")
        : new NewAttribute(
            key,
            JsonMessagePack.Encode(body.Value, $"attributes.{key}.value"),
            body.Terms is { } terms ? AttributeSight.Read(terms, view, $"attributes.{key}.terms") : null);

    private static Transform Read(PlaceBody place) => place.Rotation switch
    {
        null => new Transform(place.X, place.Y, place.Z),
        { Count: 4 } turn => new Transform(place.X, place.Y, place.Z, (float)turn[0], (float)turn[1], (float)turn[2], (float)turn[3]),
        _ => throw ApiProblem.Invalid("place.rotation", "must be four numbers: a quaternion x, y, z, w."),
    };

    /// <summary>Of what a change may change. Where the object is changes all the time and is not in it.</summary>
    private static string TagOf(ObjectImage image, ulong epoch)
    {
        byte[] all = Encoding.UTF8.GetBytes(
            $"{epoch:x} {image.Id} {image.Parent} {(int)image.Flags} {image.Type.Length} {image.Type}{image.Name}");
        return Base64Url.EncodeToString(SHA256.HashData(all).AsSpan(0, 16));
    }

    private static ObjectAnswer Show(InspectedObject made) => new(
        made.Image.Id,
        made.Image.Type,
        made.Image.Name,
        made.Image.Parent,
        made.Image.Owner,
        made.Image.LockHolder,
        (made.Image.Flags & ObjectFlags.Persistent) != 0,
        (made.Image.Flags & ObjectFlags.Fixed) != 0,
        made.CreatorUser,
        made.Image.Place is { } at ? new PlaceBody(at.X, at.Y, at.Z, [at.RotationX, at.RotationY, at.RotationZ, at.RotationW]) : null);
}
