import "contrib/bonitoo-io/victorops"
option task = {name: "cron", cron: "5,35 6-18 * * *", offset: 2m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -30m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> max()
    |> filter(fn: (r) => r._value > 90.0)
    |> page(mapFn: (r) => ({
    monitoringTool: "backtest",
    messageType: "WARNING",
    entityID: "${r.host}/cpu",
    entityDisplayName: "Trouble on ${r.host}",
    stateMessage: "it is ${r._value}",
    timestamp: r._time,
}))()
