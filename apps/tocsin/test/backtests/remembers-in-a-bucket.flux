import "contrib/bonitoo-io/victorops"
option task = {name: "memory", every: 15m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
now15 = from(bucket: "web") |> range(start: -15m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> last()
    |> map(fn: (r) => ({_time: now(), _measurement: "level", _field: "high", host: r.host, _value: if r._value > 80.0 then 1.0 else 0.0})) |> group(columns: ["_measurement", "_field", "host"])
now15 |> to(bucket: "memory")
before = from(bucket: "memory") |> range(start: -25m) |> filter(fn: (r) => r._measurement == "level")
    |> map(fn: (r) => ({_time: r._time, _measurement: r._measurement, _field: r._field, host: r.host, _value: r._value}))
union(tables: [before, now15])
    |> group(columns: ["host"]) |> sort(columns: ["_time"]) |> tail(n: 2) |> difference() |> filter(fn: (r) => r._value != 0.0)
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: if r._value > 0.0 then "CRITICAL" else "RECOVERY",
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
