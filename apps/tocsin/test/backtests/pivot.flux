import "contrib/bonitoo-io/victorops"
option task = {name: "pivot", every: 15m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -15m) |> filter(fn: (r) => r._measurement == "cpu") |> last()
    |> pivot(rowKey: ["_stop"], columnKey: ["_field"], valueColumn: "_value")
    |> filter(fn: (r) => exists r.usage and exists r.iowait and (r.usage > 80.0 or r.iowait > 15.0))
    |> map(fn: (r) => ({r with _time: r._stop}))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: if r.usage > 80.0 and r.iowait > 15.0 then "CRITICAL" else "WARNING",
    entityID: "${r.host}/load",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "${r.usage} and ${r.iowait}",
    timestamp: r._time,
}))()
