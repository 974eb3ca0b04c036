/** Six hours of two hosts: one swings around 85 every hour, the other is high from the third hour on. */
export const swinging = swingingLines();
export const swingsFrom = "2026-01-05T00:00:00Z";
export const swingsTo = "2026-01-05T06:00:00Z";

function swingingLines(): string {
  const start = BigInt(Date.parse("2026-01-05T00:00:00Z")) * 1_000_000n;
  const lines = Array.from({ length: 360 }, (_, minute) => {
    const at = start + BigInt(minute) * 60_000_000_000n;
    const swing = (85 + 15 * Math.sin((minute / 60) * 2 * Math.PI)).toFixed(2);
    return `cpu,host=web-1 usage=${swing} ${at}\ncpu,host=web-2 usage=${minute < 180 ? 20 : 99} ${at}`;
  });
  return `${lines.join("\n")}\n`;
}

/** A script that pages above a limit, every five minutes. It fails when no row came at all. */
export function swings(limit: number): string {
  return `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

option task = {name: "swings", every: 5m}

key = secrets.get(key: "VICTOROPS_API_KEY")
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/\${key}/ops")
event = (r) => ({monitoringTool: "Night watch", messageType: r.level, entityID: "\${r.host}/cpu",
    entityDisplayName: "CPU of \${r.host}", stateMessage: "\${r._value} %", timestamp: r._time})

rows = from(bucket: "b") |> range(start: -5m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> last()
newest = rows |> findRecord(fn: (key) => true, idx: 0)
checked = "\${newest.host}"

rows |> map(fn: (r) => ({r with level: if r._value > ${limit}.0 then "CRITICAL" else "RECOVERY"}))
    |> page(mapFn: event)()
`;
}
