import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/monitor"
import "experimental"
option task = {name: "deadman", every: 15m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -2h) |> filter(fn: (r) => r._measurement == "beat")
    |> monitor.deadman(t: experimental.subDuration(from: now(), d: 20m))
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: if r.dead then "CRITICAL" else "RECOVERY",
    entityID: "${r.host}/beat",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "dead: ${string(v: r.dead)}",
    timestamp: r._time,
}))()
