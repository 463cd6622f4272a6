using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Relay.Architecture.Tests;

/// <summary>
/// Reads from a compiled assembly which types of other assemblies are named, by all of it or by the types of one namespace:
/// bases, interfaces, constraints, attributes, fields, signatures, locals, caught exceptions and every instruction.
/// </summary>
internal sealed class TypeNames : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;

    public TypeNames(string assembly)
    {
        _file = new PEReader(File.OpenRead(assembly));
        _metadata = _file.GetMetadataReader();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The simple names of the assemblies that this one references.</summary>
    public IEnumerable<string> ReferencedAssemblies() =>
        _metadata.AssemblyReferences.Select(handle => _metadata.GetString(_metadata.GetAssemblyReference(handle).Name));

    /// <summary>Every type of another assembly that this one names.</summary>
    public IEnumerable<string> NamedAnywhere() =>
        _metadata.TypeReferences.Select(handle => NameCollector.NameOf(_metadata, handle));

    /// <summary>
    /// "type that names → name" for the types in <paramref name="root"/> and the namespaces below it, with the types nested in them,
    /// among which are the closures and state machines that the compiler makes.
    /// </summary>
    public IEnumerable<(string User, string Named)> NamedWithin(string root)
    {
        var uses = new SortedSet<(string, string)>();
        foreach (var handle in _metadata.TypeDefinitions)
        {
            var outermost = Outermost(handle);
            if (!IsWithin(_metadata.GetString(outermost.Namespace), root))
                continue;

            var user = _metadata.GetString(outermost.Namespace) + "." + _metadata.GetString(outermost.Name);
            VisitType(_metadata.GetTypeDefinition(handle), new NameCollector(_metadata, name => uses.Add((user, name))));
        }

        return uses;
    }

    /// <summary>Whether a namespace, or the full name of a type, is <paramref name="root"/> or lies below it.</summary>
    public static bool IsWithin(string name, string root) =>
        name.StartsWith(root, StringComparison.Ordinal) && (name.Length == root.Length || name[root.Length] is '.' or '+');

    private TypeDefinition Outermost(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
            type = _metadata.GetTypeDefinition(type.GetDeclaringType());
        return type;
    }

    private void VisitType(TypeDefinition type, NameCollector names)
    {
        Visit(type.BaseType, names);
        VisitAttributes(type.GetCustomAttributes(), names);
        VisitConstraints(type.GetGenericParameters(), names);
        foreach (var handle in type.GetInterfaceImplementations())
            Visit(_metadata.GetInterfaceImplementation(handle).Interface, names);
        foreach (var handle in type.GetProperties())
            VisitAttributes(_metadata.GetPropertyDefinition(handle).GetCustomAttributes(), names);
        foreach (var handle in type.GetEvents())
            VisitAttributes(_metadata.GetEventDefinition(handle).GetCustomAttributes(), names);

        foreach (var handle in type.GetFields())
        {
            Visit(handle, names);
            VisitAttributes(_metadata.GetFieldDefinition(handle).GetCustomAttributes(), names);
        }

        foreach (var handle in type.GetMethods())
            VisitMethod(_metadata.GetMethodDefinition(handle), names);
    }

    private void VisitMethod(MethodDefinition method, NameCollector names)
    {
        method.DecodeSignature(names, 0);
        VisitAttributes(method.GetCustomAttributes(), names);
        VisitConstraints(method.GetGenericParameters(), names);
        foreach (var handle in method.GetParameters())
            VisitAttributes(_metadata.GetParameter(handle).GetCustomAttributes(), names);

        if (method.RelativeVirtualAddress == 0)
            return;
        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        Visit(body.LocalSignature, names);
        foreach (var region in body.ExceptionRegions)
            Visit(region.CatchType, names);
        foreach (var token in IlTokens.In(body))
            Visit(token, names);
    }

    private void VisitAttributes(CustomAttributeHandleCollection attributes, NameCollector names)
    {
        foreach (var handle in attributes)
            Visit(_metadata.GetCustomAttribute(handle).Constructor, names);
    }

    private void VisitConstraints(GenericParameterHandleCollection parameters, NameCollector names)
    {
        foreach (var parameter in parameters)
        {
            foreach (var handle in _metadata.GetGenericParameter(parameter).GetConstraints())
                Visit(_metadata.GetGenericParameterConstraint(handle).Type, names);
        }
    }

    // What a token names. A member names its owner and the types in its signature, whichever assembly it is from.
    private void Visit(EntityHandle handle, NameCollector names)
    {
        if (handle.IsNil)
            return;

        switch (handle.Kind)
        {
            case HandleKind.TypeReference:
                names.GetTypeFromReference(_metadata, (TypeReferenceHandle)handle, 0);
                break;
            case HandleKind.TypeSpecification:
                names.GetTypeFromSpecification(_metadata, 0, (TypeSpecificationHandle)handle, 0);
                break;
            case HandleKind.FieldDefinition:
                _metadata.GetFieldDefinition((FieldDefinitionHandle)handle).DecodeSignature(names, 0);
                break;
            case HandleKind.MethodDefinition:
                _metadata.GetMethodDefinition((MethodDefinitionHandle)handle).DecodeSignature(names, 0);
                break;
            case HandleKind.MemberReference:
                VisitMember(_metadata.GetMemberReference((MemberReferenceHandle)handle), names);
                break;
            case HandleKind.MethodSpecification:
                var method = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                method.DecodeSignature(names, 0);
                Visit(method.Method, names);
                break;
            case HandleKind.StandaloneSignature:
                VisitStandalone(_metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle), names);
                break;
            case HandleKind.TypeDefinition:
                break; // a type of this assembly
            default:
                throw new InvalidOperationException($"A token of kind {handle.Kind} where a type or a member was expected.");
        }
    }

    private void VisitMember(MemberReference member, NameCollector names)
    {
        Visit(member.Parent, names);
        if (member.GetKind() == MemberReferenceKind.Field)
            member.DecodeFieldSignature(names, 0);
        else
            member.DecodeMethodSignature(names, 0);
    }

    private static void VisitStandalone(StandaloneSignature signature, NameCollector names)
    {
        if (signature.GetKind() == StandaloneSignatureKind.Method)
            signature.DecodeMethodSignature(names, 0); // calli
        else
            signature.DecodeLocalSignature(names, 0);
    }
}
