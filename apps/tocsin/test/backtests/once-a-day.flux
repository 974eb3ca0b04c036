import "contrib/bonitoo-io/victorops"
option task = {name: "daily", every: 1d, offset: 5m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> mean() |> map(fn: (r) => ({r with _time: now()}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: "WARNING",
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
