using System.Text.Json;

namespace Relay.Host.Api.State;

/// <summary>Where an object is: metres and a unit quaternion.</summary>
/// <param name="X">Metres along x.</param>
/// <param name="Y">Metres along y.</param>
/// <param name="Z">Metres along z.</param>
/// <param name="Rotation">A quaternion x, y, z, w. Default none: 0, 0, 0, 1.</param>
internal sealed record PlaceBody(double X, double Y, double Z, IReadOnlyList<double>? Rotation = null);

/// <summary>An object as it is answered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">What it is.</param>
/// <param name="Name">Its name; empty for none.</param>
/// <param name="Parent">The object under which it stands; 0 for the root.</param>
/// <param name="Owner">The member that owns it; 0 for nobody.</param>
/// <param name="LockHolder">The member that holds its lock; 0 for nobody.</param>
/// <param name="Persistent">Whether it is stored.</param>
/// <param name="Fixed">Whether it cannot be taken, locked or moved by members.</param>
/// <param name="Creator">The account that made it; empty for none that is known, and for the server.</param>
/// <param name="Place">Where it is; null for nowhere.</param>
internal sealed record ObjectAnswer(
    uint Id, string Type, string Name, uint Parent, uint Owner, uint LockHolder,
    bool Persistent, bool Fixed, string Creator, PlaceBody? Place);

/// <summary>An object that is to be.</summary>
internal sealed record ObjectBody
{
    /// <summary>What it is, for the application: at most 64 bytes.</summary>
    public string Type { get; set; } = "";

    /// <summary>Its name, unique in the room: at most 64 bytes; empty for none.</summary>
    public string Name { get; set; } = "";

    /// <summary>The object under which it stands; 0 for the root.</summary>
    public uint Parent { get; init; }

    /// <summary>Whether it is stored.</summary>
    public bool Persistent { get; init; }

    /// <summary>Whether members cannot take, lock or move it.</summary>
    public bool Fixed { get; init; }

    /// <summary>Where it is; null for nowhere.</summary>
    public PlaceBody? Place { get; init; }

    /// <summary>The attributes that it is born with, by key.</summary>
    public IReadOnlyDictionary<string, AttributeBody>? Attributes { get; init; }
}

/// <summary>What is to be otherwise with an object; what is left out stays.</summary>
internal sealed record ObjectPatch
{
    /// <summary>What it is, for the application.</summary>
    public string? Type { get; init; }

    /// <summary>Its name; empty for none.</summary>
    public string? Name { get; init; }

    /// <summary>The object under which it is to stand; 0 for the root.</summary>
    public uint? Parent { get; init; }

    /// <summary>Whether it is stored.</summary>
    public bool? Persistent { get; init; }

    /// <summary>Whether members cannot take, lock or move it.</summary>
    public bool? Fixed { get; init; }

    /// <summary>Where it is to be: only of an object that was made with a place.</summary>
    public PlaceBody? Place { get; init; }
}

/// <summary>Where a copy is to be.</summary>
internal sealed record CloneBody
{
    /// <summary>The object under which the copy stands; 0 for the root.</summary>
    public uint Parent { get; init; }

    /// <summary>The copy's name; empty for none.</summary>
    public string Name { get; set; } = "";
}

/// <summary>The terms of an attribute. Whom: <c>everyone</c>, <c>owner</c>, <c>member:ID</c>, or <c>roles:NAME,NAME</c>.</summary>
internal sealed record TermsBody
{
    /// <summary>Whether it is stored.</summary>
    public bool Persistent { get; init; }

    /// <summary>Whether a clone of the object gets a copy.</summary>
    public bool Cloneable { get; init; }

    /// <summary>Who sees it. Default everyone.</summary>
    public string Readers { get; set; } = "everyone";

    /// <summary>Who writes it. Default the owner.</summary>
    public string Writers { get; set; } = "owner";
}

/// <summary>An attribute that is to be set.</summary>
internal sealed record AttributeBody
{
    /// <summary>Its value: any JSON; what JSON has no word for as README.md says.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>Its terms; null for those that it has, or the default ones.</summary>
    public TermsBody? Terms { get; init; }
}

/// <summary>A change inside the map that an attribute is: a value at a path, or its removal.</summary>
internal sealed record AttributePatch
{
    /// <summary>The keys that lead to the place, outermost first.</summary>
    public required IReadOnlyList<string> Path { get; init; }

    /// <summary>What is to be there. Maps on the way are made.</summary>
    public JsonElement Value { get; init; }

    /// <summary>Whether what is there is to be removed instead.</summary>
    public bool Remove { get; init; }
}

/// <summary>An attribute as it is answered.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Version">Its version in this life of the room.</param>
/// <param name="Author">The member that wrote it last; 0 for the server and for REST.</param>
/// <param name="Terms">Its terms.</param>
internal sealed record AttributeAnswer(string Key, JsonElement Value, ulong Version, uint Author, TermsBody Terms);
