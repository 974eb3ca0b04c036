import "contrib/bonitoo-io/victorops"
option task = {name: "single", every: 30m}
worst = from(bucket: "web") |> range(start: -30m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> group() |> max()
    |> findRecord(fn: (key) => true, idx: 0)
victorops.alert(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops", messageType: if worst._value > 92.0 then "CRITICAL" else if worst._value < 80.0 then "RECOVERY" else "INFO",
    entityID: "worst", entityDisplayName: "Worst CPU", stateMessage: "${worst.host}: ${worst._value}", timestamp: worst._time)
