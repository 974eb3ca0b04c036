/** A script of the shape that people paste from the reference page, with the page's three mistakes. */
export const pasted = `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

integration = secrets.get(key: "VICTOROPS_API_KEY")
team = secrets.get(key: "VICTOROPS_ROUTING_KEY")
address = "https://alert.victorops.com/integrations/generic/00000000/alert/\${integration}/\${team}"
page = victorops.endpoint(url: address)

in_trouble = from(bucket: "example-bucket")
  |> range(start: -1m)
  |> filter(fn: (r) => r._measurement == "health" and level == "crit")

in_trouble
  |> page(mapFn: (r) => ({
      monitoringTool: "Night watch"
      messageType: "CRITICAL",
      entityID: "\${r.host}/\${r._field)/critical",
      entityDisplayName: "Trouble on \${r.host}",
      stateMessage: "\${r._field} of \${r.host} is \${string(v: r._value)}.",
      timestamp: r._time,
    })
  )()
`;

/** Points for it, at 2026-01-31T08:00:00Z less some seconds: two of three are in trouble. */
export const points = `health,host=web-1,level=crit cpu=97.25 1769846390000000000
health,host=web-2,level=ok cpu=12 1769846391000000000
health,host=db-1,level=crit connections=498i 1769846392000000000
`;

/** The moment to run it at. */
export const moment = "2026-01-31T08:00:00Z";

/** Events of a few entities, one a row, for a script without buckets. */
export function alerting(rows: readonly string[], more = ""): string {
  const list = rows.map((one) => {
    const [type, host] = one.split(":");
    return `{messageType: "${type}", host: "${host}"}`;
  });
  return `import "array"
import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

key = secrets.get(key: "VICTOROPS_API_KEY")
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/\${key}/ops")
${more}
array.from(rows: [${list.join(", ")}])
    |> page(mapFn: (r) => ({monitoringTool: "Night watch", messageType: r.messageType, entityID: r.host,
        entityDisplayName: "Host \${r.host}", stateMessage: "\${r.host} is in trouble", timestamp: now()}))()
`;
}
