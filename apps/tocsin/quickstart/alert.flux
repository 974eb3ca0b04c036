import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

apiKey = secrets.get(key: "VICTOROPS_API_KEY")
routingKey = secrets.get(key: "VICTOROPS_ROUTING_KEY")
url = "https://alert.victorops.com/integrations/generic/20131114/alert/${apiKey}/${routingKey}"
endpoint = victorops.endpoint(url: url)

from(bucket: "example-bucket")
    |> range(start: -5m)
    |> filter(fn: (r) => r._measurement == "statuses")
    |> group(columns: ["host", "_field"])
    |> sort(columns: ["_time"])
    |> last()
    |> endpoint(
        mapFn: (r) => ({
            monitoringTool: "Tocsin quickstart",
            messageType: if r.status == "crit" then "CRITICAL" else "RECOVERY",
            entityID: "${r.host}-${r._field}",
            entityDisplayName: "${r._field} on ${r.host}",
            stateMessage: "${r.host} is ${r.status}: ${r._field} is ${string(v: r._value)}.",
            timestamp: r._time,
        }),
    )()
