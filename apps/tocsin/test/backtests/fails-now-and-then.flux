import "contrib/bonitoo-io/victorops"
option task = {name: "fails", every: 30m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
hour = from(bucket: "web") |> range(start: -10m) |> filter(fn: (r) => r._measurement == "beat" and r.host == "web-2") |> last() |> findRecord(fn: (key) => true, idx: 0)
level = if "${hour.host}" == "web-2" and hour._value > 0.5 then "CRITICAL" else "RECOVERY"
from(bucket: "web") |> range(start: -30m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> last()
    |> map(fn: (r) => ({r with note: if r._value > 60.0 then r.nothing else "fine"}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: level,
    entityID: r.host,
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "${r.note}",
    timestamp: r._time,
}))()
