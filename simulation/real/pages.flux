import "contrib/bonitoo-io/victorops"
import "generate"
import "influxdata/influxdb/secrets"

key = secrets.get(key: "VICTOROPS_API_KEY")
page =
    victorops.endpoint(
        url: "https://alert.victorops.com/integrations/generic/20131114/alert/${key}/ops",
    )

// Many events of each entity, so that their order is put to the test.
generate.from(start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z, count: 500, fn: (n) => n)
    |> page(
        mapFn: (r) => ({
            monitoringTool: "Simulation",
            messageType:
                if r._value % 4 == 0 then
                    "CRITICAL"
                else if r._value % 4 == 1 then
                    "WARNING"
                else if r._value % 4 == 2 then
                    "RECOVERY"
                else
                    "INFO",
            entityID: "e${r._value % 40}",
            entityDisplayName: "Entity ${r._value % 40}",
            stateMessage: "number ${r._value}",
            timestamp: r._time,
        }),
    )()
