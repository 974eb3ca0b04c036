import "contrib/bonitoo-io/victorops"
import "join"
option task = {name: "join", every: 15m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
of = (field) => from(bucket: "web") |> range(start: -15m) |> filter(fn: (r) => r._measurement == "http" and r._field == field) |> sum() |> group(columns: ["host"])
join.inner(left: of(field: "errors"), right: of(field: "requests"), on: (l, r) => l.host == r.host,
    as: (l, r) => ({host: l.host, _time: r._stop, _value: float(v: l._value) / float(v: r._value)}))
    |> map(fn: (r) => ({r with level: if r._value > 0.2 then "CRITICAL" else "RECOVERY"}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: r.level,
    entityID: "${r.host}/errors",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
