import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/monitor"
import "influxdata/influxdb/schema"
option task = {name: "check", every: 15m}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
check = {_check_id: "c1", _check_name: "CPU", _type: "threshold", tags: {}}
from(bucket: "web") |> range(start: -15m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> last()
    |> schema.fieldsAsCols()
    |> monitor.check(data: check, messageFn: (r) => "${r.host} is ${r._level}", crit: (r) => r.usage > 85.0, ok: (r) => r.usage < 80.0)
    |> filter(fn: (r) => r._level != "unknown")
    |> page(mapFn: (r) => ({messageType: if r._level == "crit" then "CRITICAL" else "RECOVERY", entityID: r.host,
        entityDisplayName: r._check_name, stateMessage: r._message, timestamp: r._time}))()
