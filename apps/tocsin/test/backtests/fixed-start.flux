import "contrib/bonitoo-io/victorops"
option task = {name: "fixed", every: 1h}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: 2026-01-05T00:00:00Z) |> filter(fn: (r) => r._measurement == "http" and r._field == "errors") |> sum()
    |> filter(fn: (r) => r._value > 400) |> map(fn: (r) => ({r with _time: now()})) |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: "CRITICAL",
    entityID: "${r.host}/budget",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
