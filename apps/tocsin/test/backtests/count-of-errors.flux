import "contrib/bonitoo-io/victorops"
option task = {name: "count", every: 20m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -20m) |> filter(fn: (r) => r._measurement == "http" and r._field == "errors" and r._value > 3)
    |> group(columns: ["region"]) |> count() |> filter(fn: (r) => r._value > 4)
    |> map(fn: (r) => ({host: if exists r.region then r.region else "nowhere", _value: r._value, _time: now()}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: "CRITICAL",
    entityID: "region ${r.host}",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
