using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Relay.Load.Measure;

/// <summary>What a run measured; <c>null</c> where it could not be told. The names are those of the JSON file and of limits.</summary>
internal sealed record Figures
{
    /// <summary>Deliveries a second. One delivery is one entity's new value, or a newer one of the same entity, reaching one other
    /// member.</summary>
    [JsonPropertyName("delivered_per_s")]
    public double? DeliveredPerSecond { get; init; }

    /// <summary>Deliveries, of all that the schedule asked for.</summary>
    [JsonPropertyName("delivery_ratio")]
    public double? DeliveryRatio { get; init; }

    /// <summary>User and system time of the server process.</summary>
    [JsonPropertyName("server_cpu_ns_per_delivery")]
    public double? ServerCpuNanosPerDelivery { get; init; }

    /// <summary>Latency from the intended send time to the arrival of the value or a newer one.</summary>
    [JsonPropertyName("p50_ms")]
    public double? P50Millis { get; init; }

    [JsonPropertyName("p99_ms")]
    public double? P99Millis { get; init; }

    [JsonPropertyName("p999_ms")]
    public double? P999Millis { get; init; }

    /// <summary>TCP payload received by all clients.</summary>
    [JsonPropertyName("wire_bytes_per_delivery")]
    public double? WireBytesPerDelivery { get; init; }

    /// <summary>Managed allocation of the server.</summary>
    [JsonPropertyName("server_alloc_bytes_per_delivery")]
    public double? ServerAllocBytesPerDelivery { get; init; }

    /// <summary>Growth of the server's resident memory by a joined connection, each after a full collection.</summary>
    [JsonPropertyName("rss_kib_per_connection")]
    public double? RssKibPerConnection { get; init; }

    /// <summary>Growth of the server's managed heap by a joined connection, each after a full collection; <c>null</c> from a server that
    /// does not tell its heap.</summary>
    [JsonPropertyName("heap_kib_per_connection")]
    public double? HeapKibPerConnection { get; init; }

    /// <summary>The server's resident memory when the window began.</summary>
    [JsonPropertyName("rss_before_mib")]
    public double? RssBeforeMib { get; init; }

    /// <summary>The server's resident memory when the window ended.</summary>
    [JsonPropertyName("rss_after_mib")]
    public double? RssAfterMib { get; init; }

    /// <summary>The most of it in the window.</summary>
    [JsonPropertyName("rss_peak_mib")]
    public double? RssPeakMib { get; init; }

    /// <summary>Full collections of the server in the window.</summary>
    [JsonPropertyName("gc_gen2")]
    public double? GcGen2 { get; init; }

    /// <summary>Values received that nobody ever sent, or that were older than one received before.</summary>
    [JsonPropertyName("bad_values")]
    public double? BadValues { get; init; }

    /// <summary>Arrivals and departures told wrongly, twice or not at all.</summary>
    [JsonPropertyName("presence_errors")]
    public double? PresenceErrors { get; init; }

    /// <summary>Processor time of the server, in percent of one processor.</summary>
    [JsonPropertyName("server_cpu_pct")]
    public double? ServerCpuPercent { get; init; }

    /// <summary>Processor time of the tester, in percent of one processor: near 100 it measures itself.</summary>
    [JsonPropertyName("tester_cpu_pct")]
    public double? TesterCpuPercent { get; init; }

    /// <summary>How late the tester itself sent, at the 99th percentile; part of the latencies.</summary>
    [JsonPropertyName("tester_lag_p99_ms")]
    public double? TesterLagP99Millis { get; init; }

    /// <summary>Values that the server's full sockets did not take.</summary>
    [JsonPropertyName("sends_skipped")]
    public double? SendsSkipped { get; init; }

    /// <summary>Connections held at once.</summary>
    [JsonPropertyName("connections")]
    public double? Connections { get; init; }

    /// <summary>Tracks: people who came, as both observers saw them.</summary>
    [JsonPropertyName("arrivals"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Arrivals { get; init; }

    /// <summary>Tracks: people who left, as both observers saw them.</summary>
    [JsonPropertyName("departures"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Departures { get; init; }

    /// <summary>Tracks: people in the recording, each copy counted.</summary>
    [JsonPropertyName("people"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? People { get; init; }

    /// <summary>Tracks: positions in the recording, each copy counted.</summary>
    [JsonPropertyName("positions_recorded"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PositionsRecorded { get; init; }

    /// <summary>Tracks: recorded positions that the observer on raw TCP saw in time.</summary>
    [JsonPropertyName("positions_seen_tcp"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PositionsSeenTcp { get; init; }

    /// <summary>Tracks: recorded positions that the observer on WebSocket saw in time.</summary>
    [JsonPropertyName("positions_seen_ws"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PositionsSeenWs { get; init; }

    /// <summary>Churn: connections that were opened and did what they came for.</summary>
    [JsonPropertyName("churn_opened"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ChurnOpened { get; init; }

    /// <summary>Churn: connections that the server turned away.</summary>
    [JsonPropertyName("churn_refused"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ChurnRefused { get; init; }

    /// <summary>Churn: connections that broke, or that nobody answered in time.</summary>
    [JsonPropertyName("churn_failed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ChurnFailed { get; init; }

    /// <summary>Churn: connections under way when the window ended.</summary>
    [JsonPropertyName("churn_open_at_end"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ChurnOpenAtEnd { get; init; }

    /// <summary>Churn: connections that the server still counted a few seconds after the last had gone.</summary>
    [JsonPropertyName("churn_left_in_server"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ChurnLeftInServer { get; init; }

    /// <summary>Room state and recordings: presence, events and state that members got, a second.</summary>
    [JsonPropertyName("reliable_per_s"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ReliablePerSecond { get; init; }

    /// <summary>Recording: frames that were sent over the whole run.</summary>
    [JsonPropertyName("replay_sent"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ReplaySent { get; init; }

    /// <summary>Recording: frames that could not be sent.</summary>
    [JsonPropertyName("replay_skipped"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ReplaySkipped { get; init; }

    /// <summary>Recording: frames that the server refused.</summary>
    [JsonPropertyName("replay_refused"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ReplayRefused { get; init; }

    /// <summary>Stalled members: the most bytes that waited for one of them.</summary>
    [JsonPropertyName("stalled_waiting_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StalledWaitingBytes { get; init; }

    /// <summary>Stalled members: what the server held for all receivers in user space just before they read again. The direct road alone
    /// tells it.</summary>
    [JsonPropertyName("stalled_held_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StalledHeldBytes { get; init; }

    /// <summary>Stalled members: the age of the oldest batch that waited for one of them.</summary>
    [JsonPropertyName("stalled_oldest_ms"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StalledOldestMillis { get; init; }

    /// <summary>Stalled members: the age of the newest batch that waited for each, the greatest of these.</summary>
    [JsonPropertyName("stalled_newest_ms"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StalledNewestMillis { get; init; }

    /// <summary>Stalled members: how many the server closed.</summary>
    [JsonPropertyName("stalled_closed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StalledClosed { get; init; }

    /// <summary>Room state: messages that did not reach somebody they were for, or were never answered.</summary>
    [JsonPropertyName("lost"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Lost { get; init; }

    /// <summary>Room state: messages that came twice, or were applied or answered twice.</summary>
    [JsonPropertyName("duplicated"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Duplicated { get; init; }

    /// <summary>Room state: messages that came after a later one.</summary>
    [JsonPropertyName("reordered"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Reordered { get; init; }

    /// <summary>Room state: messages that reached somebody they were not for.</summary>
    [JsonPropertyName("misdirected"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Misdirected { get; init; }

    /// <summary>Room state: what a client believed that is not so, or that others believe otherwise.</summary>
    [JsonPropertyName("state_mismatches"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StateMismatches { get; init; }

    /// <summary>Room state: snapshots that told a gap, because the room did not have any more what a client had missed.</summary>
    [JsonPropertyName("snapshots"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Snapshots { get; init; }

    /// <summary>Room state: user and system time of the server process for each reliable message that a member got, its author
    /// too.</summary>
    [JsonPropertyName("server_cpu_ns_per_reliable_delivery"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ServerCpuNanosPerReliableDelivery { get; init; }

    /// <summary>Room state: numbered messages that clients sent, a second.</summary>
    [JsonPropertyName("deeds_per_s"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DeedsPerSecond { get; init; }

    /// <summary>Room state: numbered messages that were refused, as must be where several want the same.</summary>
    [JsonPropertyName("refused"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Refused { get; init; }

    /// <summary>Room state: connections that were cut.</summary>
    [JsonPropertyName("disconnects"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Disconnects { get; init; }

    /// <summary>Room state: sessions that went on over another connection.</summary>
    [JsonPropertyName("resumed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Resumed { get; init; }

    /// <summary>Room state: clients that left, to come again.</summary>
    [JsonPropertyName("rejoins"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Rejoins { get; init; }

    /// <summary>Room state: objects at the end; with late joins, in the room.</summary>
    [JsonPropertyName("objects"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Objects { get; init; }

    /// <summary>Room state: attributes at the end; with late joins, in the room.</summary>
    [JsonPropertyName("attributes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Attributes { get; init; }

    /// <summary>Durable: persistent attributes that were set, stored and answered, a second.</summary>
    [JsonPropertyName("acknowledged_per_s"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AcknowledgedPerSecond { get; init; }

    /// <summary>Durable: from sending until the answer that it is stored.</summary>
    [JsonPropertyName("acknowledged_p50_ms"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AcknowledgedP50Millis { get; init; }

    /// <summary>Durable: the same at the 99th percentile.</summary>
    [JsonPropertyName("acknowledged_p99_ms"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AcknowledgedP99Millis { get; init; }

    /// <summary>Durable: user and system time of the server process for each.</summary>
    [JsonPropertyName("server_cpu_us_per_acknowledged"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ServerCpuMicrosPerAcknowledged { get; init; }

    /// <summary>Durable: answers that it is not known when it will be stored (4500).</summary>
    [JsonPropertyName("unstored"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Unstored { get; init; }

    /// <summary>Late joins: how many.</summary>
    [JsonPropertyName("joins"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Joins { get; init; }

    /// <summary>Late joins: from connecting until a newcomer knows all there is and where it stands.</summary>
    [JsonPropertyName("join_p50_ms"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? JoinP50Millis { get; init; }

    /// <summary>Late joins: the same at the 99th percentile.</summary>
    [JsonPropertyName("join_p99_ms"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? JoinP99Millis { get; init; }

    /// <summary>Late joins: user and system time of the server process for each.</summary>
    [JsonPropertyName("server_cpu_ms_per_join"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ServerCpuMillisPerJoin { get; init; }

    /// <summary>Late joins: TCP payload that a newcomer receives until then.</summary>
    [JsonPropertyName("wire_kib_per_join"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? WireKibPerJoin { get; init; }

    /// <summary>Late joins of two sizes: server time of one join at the second, divided by that at the first.</summary>
    [JsonPropertyName("join_cpu_ratio"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? JoinCpuRatio { get; init; }

    /// <summary>Late joins: each size.</summary>
    [JsonPropertyName("late_joins"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LateJoinFigures>? LateJoins { get; init; }

    /// <summary>Each stalled member.</summary>
    [JsonPropertyName("stalled"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StalledFigures>? Stalled { get; init; }

    /// <summary>The figures by name.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this)!.AsObject();
}
