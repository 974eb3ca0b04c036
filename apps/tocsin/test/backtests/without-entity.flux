import "contrib/bonitoo-io/victorops"
option task = {name: "unnamed", every: 1h}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> max()
    |> filter(fn: (r) => r._value > 93.0) |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: "CRITICAL",
    entityID: "",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
