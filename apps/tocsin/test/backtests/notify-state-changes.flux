import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/monitor"
import "influxdata/influxdb/schema"
import "experimental"
option task = {name: "changes", every: 15m, offset: 30s}
check = {_check_id: "c1", _check_name: "CPU", _type: "threshold", tags: {}}
rule = {_notification_rule_id: "r1", _notification_rule_name: "Rule", _notification_endpoint_id: "e1", _notification_endpoint_name: "On-Call"}
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops")
from(bucket: "web") |> range(start: -15m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> last()
    |> schema.fieldsAsCols()
    |> monitor.check(data: check, messageFn: (r) => "${r.host} is ${r._level}", crit: (r) => r.usage > 85.0, ok: (r) => r.usage <= 85.0)
    |> yield(name: "statuses")
monitor.from(start: -1h)
    |> monitor.stateChanges(fromLevel: "any", toLevel: "any")
    |> filter(fn: (r) => r._time >= experimental.subDuration(from: now(), d: 15m))
    |> monitor.notify(data: rule, endpoint: page(mapFn: (r) => ({
        messageType: if r._level == "crit" then "CRITICAL" else "RECOVERY",
        entityID: "${r.host}", entityDisplayName: r.host, stateMessage: r._message, timestamp: r._status_timestamp,
    })))
