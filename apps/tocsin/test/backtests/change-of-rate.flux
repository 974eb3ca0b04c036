import "contrib/bonitoo-io/victorops"
option task = {name: "derivative", every: 15m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -30m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage")
    |> derivative(unit: 1m, nonNegative: false) |> max() |> filter(fn: (r) => r._value > 5.5)
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: "CRITICAL",
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
