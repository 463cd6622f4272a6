using System.Diagnostics.Metrics;

namespace Relay.Core.Tests.Kit;

/// <summary>One measurement of an instrument.</summary>
internal sealed record Measured(string Name, double Value, IReadOnlyDictionary<string, object?> Tags);

/// <summary>Listens to the relay's meter of one host.</summary>
internal sealed class MetricReader : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly List<Measured> _measured = [];
    private readonly List<Instrument> _instruments = [];

    public MetricReader(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Relay.Server" && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                lock (_gate)
                {
                    _instruments.Add(instrument);
                }

                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Every instrument that the meter has.</summary>
    public IReadOnlyList<Instrument> Instruments
    {
        get
        {
            lock (_gate)
            {
                return [.. _instruments];
            }
        }
    }

    /// <summary>What an instrument that is written to has measured so far.</summary>
    public IReadOnlyList<Measured> All(string name)
    {
        lock (_gate)
        {
            return [.. _measured.Where(measured => measured.Name == name)];
        }
    }

    /// <summary>The sum of a counter that is written to.</summary>
    public double Sum(string name) => All(name).Sum(measured => measured.Value);

    /// <summary>What an instrument that is read on demand says now.</summary>
    public double Read(string name)
    {
        lock (_gate)
        {
            _measured.RemoveAll(measured => measured.Name == name);
        }

        _listener.RecordObservableInstruments();
        return All(name)[^1].Value;
    }

    /// <summary>Forgets what was measured so far: a long test looks at a round at a time.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _measured.Clear();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = new Dictionary<string, object?>();
        foreach ((string key, object? tag) in tags)
        {
            copy[key] = tag;
        }

        lock (_gate)
        {
            _measured.Add(new Measured(instrument.Name, value, copy));
        }
    }
}
