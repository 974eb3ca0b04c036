import "contrib/bonitoo-io/victorops"
option task = {name: "windows", every: 30m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -30m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage")
    |> aggregateWindow(every: 10m, fn: mean, createEmpty: false)
    |> map(fn: (r) => ({r with level: if r._value > 75.0 then "CRITICAL" else "RECOVERY"}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: r.level,
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
