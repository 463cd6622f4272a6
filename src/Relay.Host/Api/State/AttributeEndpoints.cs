using System.Globalization;
using Relay.Core.Hosting;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Http;
using Relay.Protocol.Messages;

namespace Relay.Host.Api.State;

/// <summary>Attributes of rooms, objects and members. What is stored and what is live are one: all goes through the open room, in its
/// order, and is answered when it lasts.</summary>
internal static class AttributeEndpoints
{
    public static void MapAttributes(this RouteGroupBuilder api)
    {
        foreach ((string prefix, string name, string of) in new[]
        {
            ("/rooms/{room}", "Room", "a room"),
            ("/rooms/{room}/objects/{object}", "Object", "an object"),
            ("/rooms/{room}/members/{member}", "Member", "a member"),
        })
        {
            string one = prefix + "/attributes/{key}";
            api.MapGet(prefix + "/attributes", ListAsync).Describe(
                $"list{name}Attributes", "Attributes", $"Lists those attributes of {of} that you may see, by key.", query: Operation.Paged)
                .Answers<Page<AttributeAnswer>>(200).Problems(401, 403, 404, 422);
            api.MapGet(one, GetAsync).Describe($"get{name}Attribute", "Attributes", $"Tells an attribute of {of}.")
                .Answers<AttributeAnswer>(200).Problems(401, 403, 404);
            api.MapPut(one, PutAsync).Describe(
                $"set{name}Attribute", "Attributes",
                $"Sets an attribute of {of}; its members see it at once.",
                headers: ["If-Match", "If-None-Match"])
                .Takes<AttributeBody>().Answers<AttributeAnswer>(200).Answers<AttributeAnswer>(201).Answers(204)
                .Problems(401, 403, 404, 409, 412, 413, 422, 423);
            api.MapPatch(one, PatchAsync).Describe(
                $"merge{name}Attribute", "Attributes",
                $"Sets or removes a value inside the map that an attribute of {of} is.",
                headers: ["If-Match"])
                .Takes<AttributePatch>().Answers<AttributeAnswer>(200).Answers(204)
                .Problems(401, 403, 404, 409, 412, 413, 422, 423);
            api.MapDelete(one, DeleteAsync).Describe(
                $"delete{name}Attribute", "Attributes", $"Deletes an attribute of {of}.", headers: ["If-Match"])
                .Answers(204).Problems(401, 403, 404, 412, 423);
        }
    }

    private static async Task<IResult> ListAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        int limit = context.Limit();
        string after = context.Cursor();
        await using Opened opened = await Opened.OfAsync(context, access, server).ConfigureAwait(false);
        IReadOnlyList<InspectedAttribute> all =
            await opened.Room.AttributesAsync(opened.Target, context.RequestAborted).ConfigureAwait(false)
            ?? throw ApiProblem.NotFound("There is no such member in the room.");
        InspectedAttribute[] page = [.. all
            .Where(attribute =>
                string.CompareOrdinal(attribute.Key, after) > 0 && opened.Sight.Names(attribute.Terms.Readers, opened.Target))
            .OrderBy(attribute => attribute.Key, StringComparer.Ordinal).Take(limit + 1)];
        return Results.Json(
            Paging.Of(page, limit, attribute => attribute.Key, attribute => Show(attribute, opened.View)),
            ApiJson.Default.PageAttributeAnswer);
    }

    private static async Task<IResult> GetAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        await using Opened opened = await Opened.OfAsync(context, access, server).ConfigureAwait(false);
        InspectedAttribute found = await opened.FindAsync(context).ConfigureAwait(false) ?? throw NoSuchAttribute(opened.Key);
        return Answer(context, opened, found, StatusCodes.Status200OK);
    }

    private static async Task<IResult> PutAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        Precondition condition = Precondition.Of(context);
        await using Opened opened = await Opened.OfAsync(context, access, server).ConfigureAwait(false);
        AttributeBody body = await JsonBody.ReadAsync(context, ApiJson.Default.AttributeBody).ConfigureAwait(false);
        byte[] value = JsonMessagePack.Encode(body.Value, "value");
        InspectedAttribute? present = await opened.Room.FindAttributeAsync(
            opened.Target, opened.Key, context.RequestAborted).ConfigureAwait(false);
        opened.Sight.DemandWrite(opened.Target, opened.Key, present);
        AttributeTerms? terms = body.Terms is { } wanted ? AttributeSight.Read(wanted, opened.View, "terms") : null;
        if (terms is { } given && (given.Flags & AttributeFlags.Persistent) != 0 &&
            (present is null || (present.Terms.Flags & AttributeFlags.Persistent) == 0))
        {
            opened.View.Demand(RoomRights.ToPin, "Making an attribute persistent");
        }

        ulong? expected = Expected(condition, opened, present);
        await CallAsync(
            condition,
            () => opened.Room.SetAttributeAsync(
                opened.Target, opened.Key, value, terms, expected, context.RequestAborted)).ConfigureAwait(false);
        InspectedAttribute now =
            await opened.Room.FindAttributeAsync(opened.Target, opened.Key, context.RequestAborted).ConfigureAwait(false)
            ?? throw NoSuchAttribute(opened.Key);
        return Answer(context, opened, now, present is null ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> PatchAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        Precondition condition = Precondition.Of(context);
        await using Opened opened = await Opened.OfAsync(context, access, server).ConfigureAwait(false);
        AttributePatch body = await JsonBody.ReadAsync(context, ApiJson.Default.AttributePatch).ConfigureAwait(false);
        if (body.Remove == (body.Value.ValueKind != System.Text.Json.JsonValueKind.Undefined))
        {
            throw ApiProblem.Invalid("value", "must be there, or remove be true; not both.");
        }

        if (body.Path.Any(key => key is null))
        {
            throw ApiProblem.Invalid("path", "must be text.");
        }

        InspectedAttribute? present = await opened.Room.FindAttributeAsync(
            opened.Target, opened.Key, context.RequestAborted).ConfigureAwait(false);
        opened.Sight.DemandWrite(opened.Target, opened.Key, present);
        ulong? expected = Expected(condition, opened, present);
        await CallAsync(condition, () => body.Remove
            ? opened.Room.RemoveFromAttributeAsync(opened.Target, opened.Key, body.Path, expected, context.RequestAborted)
            : opened.Room.MergeAttributeAsync(
                opened.Target, opened.Key, body.Path, JsonMessagePack.Encode(body.Value, "value"), null, expected,
                context.RequestAborted)).ConfigureAwait(false);
        InspectedAttribute now =
            await opened.Room.FindAttributeAsync(opened.Target, opened.Key, context.RequestAborted).ConfigureAwait(false)
            ?? throw NoSuchAttribute(opened.Key);
        return Answer(context, opened, now, StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        Precondition condition = Precondition.Of(context);
        await using Opened opened = await Opened.OfAsync(context, access, server).ConfigureAwait(false);
        InspectedAttribute present = await opened.FindAsync(context).ConfigureAwait(false) ?? throw NoSuchAttribute(opened.Key);
        opened.Sight.DemandWrite(opened.Target, opened.Key, present);
        ulong? expected = Expected(condition, opened, present);
        await CallAsync(
            condition,
            () => opened.Room.DeleteAttributeAsync(opened.Target, opened.Key, expected, context.RequestAborted)).ConfigureAwait(false);
        return Results.NoContent();
    }

    /// <summary>The version that the attribute must have; the room compares it at the moment of the change.</summary>
    private static ulong? Expected(Precondition condition, Opened opened, InspectedAttribute? present)
    {
        if (condition.MustNotExist)
        {
            return 0;
        }

        if (!condition.MustExist)
        {
            return null;
        }

        return present is not null && condition.Matches(opened.TagOf(present))
            ? present.Version
            : throw ApiProblem.Stale(present is null ? "There is no such attribute." : "The attribute has another version.");
    }

    private static async Task CallAsync(Precondition condition, Func<Task> call)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (RoomRefusedException e)
        {
            throw ApiProblem.Of(e, condition.MustExist || condition.MustNotExist);
        }
    }

    /// <summary>Tells the attribute; nothing but its tag to those who may change it without seeing it.</summary>
    private static IResult Answer(HttpContext context, Opened opened, InspectedAttribute attribute, int status)
    {
        Precondition.SetTag(context, opened.TagOf(attribute));
        return opened.Sight.Names(attribute.Terms.Readers, opened.Target)
            ? Results.Json(Show(attribute, opened.View), ApiJson.Default.AttributeAnswer, statusCode: status)
            : Results.NoContent();
    }

    private static AttributeAnswer Show(InspectedAttribute attribute, RoomView view) => new(
        attribute.Key, JsonMessagePack.Decode(attribute.Value.Span), attribute.Version, attribute.Author,
        AttributeSight.Show(attribute.Terms, view));

    private static ApiProblem NoSuchAttribute(string key) => ApiProblem.NotFound($"There is no attribute \"{key}\" for you to see.");

    /// <summary>The room of a request, held open, and what of it the request is about.</summary>
    private sealed class Opened(RoomLease lease, RoomView view, AttributeTarget target, AttributeSight sight, string key) : IAsyncDisposable
    {
        public RoomView View => view;

        public RoomContext Room => lease.Room;

        public AttributeTarget Target => target;

        public AttributeSight Sight => sight;

        public string Key => key;

        public static async Task<Opened> OfAsync(HttpContext context, RoomAccess access, RelayServer server)
        {
            RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
            RouteValueDictionary route = context.Request.RouteValues;
            (AttributeTarget target, int at) = route.ContainsKey("object") ? (AttributeTarget.OfObject(context.Id(3)), 5)
                : route.ContainsKey("member") ? (AttributeTarget.OfMember(context.Id(3)), 5)
                : (AttributeTarget.OfRoom(), 3);
            string key = route.ContainsKey("key") ? context.PathPiece(at) : "";
            RoomLease lease = await server.Rooms.OpenAsync(view.Name, view.Known.Options, context.RequestAborted).ConfigureAwait(false);
            try
            {
                return new Opened(
                    lease, view, target,
                    await AttributeSight.OfAsync(view, lease.Room, target, context.RequestAborted).ConfigureAwait(false),
                    key);
            }
            catch
            {
                await lease.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        /// <summary>The attribute, if the asker may see it.</summary>
        public async Task<InspectedAttribute?> FindAsync(HttpContext context) =>
            await Room.FindAttributeAsync(target, key, context.RequestAborted).ConfigureAwait(false) is { } found &&
            sight.Names(found.Terms.Readers, target)
                ? found
                : null;

        /// <summary>An attribute's tag: its version, and the life of the room that counts it.</summary>
        public string TagOf(InspectedAttribute attribute) =>
            string.Create(CultureInfo.InvariantCulture, $"{Room.Epoch:x}-{attribute.Version}");

        public ValueTask DisposeAsync() => lease.DisposeAsync();
    }
}
