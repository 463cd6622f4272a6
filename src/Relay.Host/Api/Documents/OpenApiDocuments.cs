using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Relay.Host.Http;
using Relay.Protocol;

namespace Relay.Host.Api.Documents;

/// <summary>The OpenAPI document, made from the endpoints themselves: <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiDocuments
{
    private const string Bearer = "bearer";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) ?? false;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Relay",
                Version = "v1",
                Description =
                    "Rooms, what is in them, and who may do what there. " +
                    "What is written here reaches the people in the rooms at once, in the rooms' order. " +
                    $"Problems are RFC 9457; code in them is of protocol-spec.md section 9, for instance {(int)CloseCode.Forbidden}.",
                License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            };
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "An access token, or an API key (rk_...).",
                },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeAsync);
    });

    private static async Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters ??= [];
        foreach (string piece in (context.Description.RelativePath ?? "").Split('/').Where(piece => piece.StartsWith('{')))
        {
            Add(operation, piece.Trim('{', '}'), ParameterLocation.Path);
        }

        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<OperationBody>().FirstOrDefault() is { } body)
        {
            // OpenAPI 3.1 §4.8.14.3: of raw bytes the media type says all.
            OpenApiSchema schema = body.Type == typeof(Stream)
                ? new OpenApiSchema()
                : await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken).ConfigureAwait(false);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [body.MediaType] = new() { Schema = schema },
                },
            };
        }

        if (metadata.OfType<Operation>().FirstOrDefault() is not { } known)
        {
            return;
        }

        foreach (string name in known.Query)
        {
            Add(operation, name, ParameterLocation.Query);
        }

        foreach (string name in known.Headers)
        {
            Add(operation, name, ParameterLocation.Header);
        }
    }

    private static void Add(OpenApiOperation operation, string name, ParameterLocation place)
    {
        if (operation.Parameters!.Any(parameter => parameter.Name == name && parameter.In == place))
        {
            return;
        }

        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = name,
            In = place,
            Required = place == ParameterLocation.Path,
            Description = Operation.Meanings.GetValueOrDefault(name),
            Schema = name == "limit"
                ? new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "100" }
                : new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }
}
