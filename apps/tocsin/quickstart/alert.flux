import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

apiKey = secrets.get(key: "VICTOROPS_API_KEY")
routingKey = secrets.get(key: "VICTOROPS_ROUTING_KEY")
url = "https://alert.victorops.com/integrations/generic/20131114/alert/${apiKey}/${routingKey}"
endpoint = victorops.endpoint(url: url)

from(bucket: "example-bucket")
    |> range(start: -5m)
    |> filter(fn: (r) => r._measurement == "statuses" and r.status == "crit")
    |> endpoint(
        mapFn: (r) => ({
            monitoringTool: "Tocsin quickstart",
            messageType: "CRITICAL",
            entityID: "${r.host}-${r._field}",
            entityDisplayName: "${r._field} on ${r.host}",
            stateMessage: "${r.host} is in a critical state: ${r._field} is ${string(v: r._value)}.",
            timestamp: r._time,
        }),
    )()
