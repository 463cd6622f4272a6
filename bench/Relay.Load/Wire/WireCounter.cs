namespace Relay.Load.Wire;

/// <summary>Counts TCP payload received by all connections while it is on.</summary>
internal sealed class WireCounter
{
    private long _bytes;
    private volatile bool _on;

    public bool On
    {
        get => _on;
        set => _on = value;
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Received(int count)
    {
        if (_on)
        {
            Interlocked.Add(ref _bytes, count);
        }
    }
}
