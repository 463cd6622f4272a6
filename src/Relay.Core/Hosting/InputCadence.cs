using System.ComponentModel;
using System.Globalization;

namespace Relay.Core.Hosting;

/// <summary>
/// How often a shard wakes for input. <see cref="Tick"/>: only when a room is due, the cheapest. A number of milliseconds: at most so
/// often. 0: at once, for the lowest latency. In configuration: <c>Tick</c>, or a whole number of milliseconds from 0 to 1,000.
/// </summary>
[TypeConverter(typeof(InputCadenceConverter))]
public readonly record struct InputCadence
{
    private readonly int _milliseconds;

    private InputCadence(int milliseconds) => _milliseconds = milliseconds;

    /// <summary>Wake when a room's tick is due (or, with nothing due, when something arrives).</summary>
    public static InputCadence Tick { get; } = new(-1);

    /// <summary>Whether this is <see cref="Tick"/>.</summary>
    public bool IsTick => _milliseconds < 0;

    /// <summary>Milliseconds between wake-ups; 0 for at once. Meaningless for <see cref="Tick"/>.</summary>
    public int Milliseconds => _milliseconds;

    /// <summary>Wake at most every so many milliseconds.</summary>
    /// <param name="milliseconds">0 to 1,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static InputCadence Every(int milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, 1000);
        return new InputCadence(milliseconds);
    }

    /// <summary>Reads <c>Tick</c> or a number of milliseconds.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">It is neither.</exception>
    public static InputCadence Parse(string text)
    {
        if (string.Equals(text, "Tick", StringComparison.OrdinalIgnoreCase))
        {
            return Tick;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) && milliseconds <= 1000
            ? new InputCadence(milliseconds)
            : throw new FormatException($"InputCadence must be \"Tick\" or 0 to 1000 milliseconds; it is \"{text}\".");
    }

    /// <inheritdoc/>
    public override string ToString() => IsTick ? "Tick" : _milliseconds.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Lets configuration bind <see cref="InputCadence"/>.</summary>
public sealed class InputCadenceConverter : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? InputCadence.Parse(text) : base.ConvertFrom(context, culture, value);
}
