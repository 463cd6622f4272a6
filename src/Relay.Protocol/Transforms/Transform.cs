namespace Relay.Protocol.Transforms;

/// <summary>Where an entity is and how it is turned: metres in the room's axes and a unit quaternion.</summary>
/// <param name="X">Metres along x.</param>
/// <param name="Y">Metres along y.</param>
/// <param name="Z">Metres along z.</param>
/// <param name="RotationX">Quaternion x.</param>
/// <param name="RotationY">Quaternion y.</param>
/// <param name="RotationZ">Quaternion z.</param>
/// <param name="RotationW">Quaternion w.</param>
public readonly record struct Transform(
    double X, double Y, double Z, float RotationX = 0, float RotationY = 0, float RotationZ = 0, float RotationW = 1);
