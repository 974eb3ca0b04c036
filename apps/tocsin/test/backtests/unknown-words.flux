import "contrib/bonitoo-io/victorops"
option task = {name: "words", every: 30m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -30m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> last()
    |> map(fn: (r) => ({r with level: if r._value > 85.0 then "crit" else if r._value > 50.0 then "critical" else "recovery"}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: r.level,
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
