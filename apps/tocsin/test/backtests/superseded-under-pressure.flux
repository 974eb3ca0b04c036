import "contrib/bonitoo-io/victorops"
option task = {name: "pressure", cron: "* 6 * * *"}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "many") |> range(start: -10m) |> filter(fn: (r) => r._field == "state") |> last()
    |> map(fn: (r) => ({r with level: if r._value > 5.0 then "CRITICAL" else "RECOVERY"}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: r.level,
    entityID: r.host,
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
