using Relay.Core.Hosting;
using Relay.Host.Http;
using Relay.Protocol;

namespace Relay.Host.Api.Problems;

/// <summary>A request was not done: what its answer says.</summary>
internal sealed class ApiProblem : Exception
{
    public ApiProblem(ProblemType type, string detail)
        : base(detail) => Body = ProblemBody.Of(type, detail);

    public ApiProblem(ProblemBody body)
        : base(body.Detail) => Body = body;

    /// <summary>What is answered.</summary>
    public ProblemBody Body { get; init; }

    /// <summary>When to try again; null for no word about it.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static ApiProblem NotFound(string detail) => new(ProblemType.NotFound, detail);

    public static ApiProblem Forbidden(string detail) => new(ProblemType.Forbidden, detail);

    public static ApiProblem BadRequest(string detail) => new(ProblemType.BadRequest, detail);

    /// <summary>A field that is wrong.</summary>
    public static ApiProblem Invalid(string field, string message) => Invalid([new FieldProblem(field, message)]);

    /// <summary>Fields that are wrong.</summary>
    public static ApiProblem Invalid(IReadOnlyList<FieldProblem> errors)
    {
        string detail = errors.Count == 1
            ? $"{errors[0].Field}: {errors[0].Message}"
            : $"{errors.Count} fields have values that are not allowed.";
        return new ApiProblem(ProblemBody.Of(ProblemType.Invalid, detail) with { Errors = errors });
    }

    /// <summary>It has changed since.</summary>
    public static ApiProblem Stale(string detail, IReadOnlyList<string>? fields = null) =>
        new(ProblemBody.Of(ProblemType.PreconditionFailed, detail) with { StaleFields = fields });

    /// <summary>A limit.</summary>
    public static ApiProblem Full(string detail, double limit, double value) =>
        new(ProblemBody.Of(ProblemType.Full, detail) with { Limit = limit, Value = value });

    /// <summary>What a room refused.</summary>
    /// <param name="e">The refusal.</param>
    /// <param name="isConditional">Whether the request named the version that it was for.</param>
    public static ApiProblem Of(RoomRefusedException e, bool isConditional = false)
    {
        ProblemType type = isConditional && e.Code == CloseCode.Conflict ? ProblemType.PreconditionFailed : ProblemTable.Of(e.Code);
        bool hasFigures = e.Limit != 0 || e.Value != 0;
        return new ApiProblem(ProblemBody.Of(type, e.Message) with
        {
            Code = (int)e.Code,
            Limit = hasFigures ? e.Limit : null,
            Value = hasFigures ? e.Value : null,
        })
        {
            RetryAfter = type.Status is 429 or 503 ? TimeSpan.FromSeconds(1) : null,
        };
    }
}
