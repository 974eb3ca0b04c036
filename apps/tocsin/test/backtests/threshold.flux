import "contrib/bonitoo-io/victorops"
option task = {name: "threshold", every: 15m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
last15 = from(bucket: "web") |> range(start: -15m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> last()
last15 |> filter(fn: (r) => r._value > 85.0) |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: "CRITICAL",
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
last15 |> filter(fn: (r) => r._value <= 70.0) |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: "RECOVERY",
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
