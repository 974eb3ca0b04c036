import "contrib/bonitoo-io/victorops"
option task = {name: "levels", every: 15m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -15m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> mean()
    |> map(fn: (r) => ({r with _time: r._stop, level: if r._value > 80.0 then "CRITICAL" else if r._value > 60.0 then "WARNING" else "RECOVERY"}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: r.level,
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
