using System.Text.Json.Serialization;
using Relay.Core.Rooms;
using Relay.Host.Api.People;
using Relay.Host.Api.Rooms;
using Relay.Host.Api.State;
using Relay.Host.Files.Http;
using Relay.Host.Http;
using Relay.Host.Webhooks;

namespace Relay.Host.Api.Json;

/// <summary>How the REST interface's bodies look as JSON: strict in what is read, nulls left out in what is answered.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(WordConverter<RoomEntry>), typeof(WordConverter<RoomOverflow>), typeof(WordConverter<DoubleLogin>)])]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(RoomSettings))]
[JsonSerializable(typeof(NewRoom))]
[JsonSerializable(typeof(RoomPatch))]
[JsonSerializable(typeof(RoomFile))]
[JsonSerializable(typeof(WebhookBody))]
[JsonSerializable(typeof(Page<WebhookAnswer>))]
[JsonSerializable(typeof(Page<DeliveryAnswer>))]
[JsonSerializable(typeof(RoleBody))]
[JsonSerializable(typeof(BanBody))]
[JsonSerializable(typeof(InviteBody))]
[JsonSerializable(typeof(RoleAnswer))]
[JsonSerializable(typeof(BanAnswer))]
[JsonSerializable(typeof(InviteAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(Page<MemberAnswer>))]
[JsonSerializable(typeof(Page<RoleAnswer>))]
[JsonSerializable(typeof(Page<BanAnswer>))]
[JsonSerializable(typeof(Page<InviteAnswer>))]
[JsonSerializable(typeof(Page<UserAnswer>))]
[JsonSerializable(typeof(Page<OnlineAnswer>))]
[JsonSerializable(typeof(ObjectBody))]
[JsonSerializable(typeof(ObjectPatch))]
[JsonSerializable(typeof(CloneBody))]
[JsonSerializable(typeof(ObjectAnswer))]
[JsonSerializable(typeof(Page<ObjectAnswer>))]
[JsonSerializable(typeof(AttributeBody))]
[JsonSerializable(typeof(AttributePatch))]
[JsonSerializable(typeof(AttributeAnswer))]
[JsonSerializable(typeof(Page<AttributeAnswer>))]
[JsonSerializable(typeof(FilePatch))]
[JsonSerializable(typeof(FileAnswer))]
[JsonSerializable(typeof(Page<FileAnswer>))]
[JsonSerializable(typeof(RoomAnswer))]
[JsonSerializable(typeof(Page<RoomAnswer>))]
internal sealed partial class ApiJson : JsonSerializerContext;
