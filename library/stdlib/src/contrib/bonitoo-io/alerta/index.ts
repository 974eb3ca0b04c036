import { definePackage } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";

const message = [
  { name: "resource" },
  { name: "event" },
  { name: "severity" },
  { name: "service", preset: "[]" },
  { name: "group", preset: '""' },
  { name: "value", preset: '""' },
  { name: "text", preset: '""' },
  { name: "tags", preset: "[]" },
  { name: "attributes" },
  { name: "type", preset: '""' },
  { name: "timestamp", preset: "now()" },
] as const;

const sent = ["environment", "origin", ...message.map(({ name }) => name)]
  .filter((name) => name !== "timestamp")
  .map((name) => `${name}: ${name}`)
  .join(", ");

/** Alerta takes milliseconds; a time's text has nine digits of a second. */
const request = `{
        url: url,
        headers: {"Authorization": "Key " + apiKey, "Content-Type": "application/json"},
        data:
            json.encode(
                v: {
                    createTime: strings.substring(v: string(v: timestamp), start: 0, end: 23) + "Z",
                    ${sent},
                },
            ),
    }`;

const parts = notifier({
  single: { name: "alert", docs: "Sends one alert to Alerta; gives the HTTP status." },
  docs:
    "Sends an alert to Alerta for each row: `mapFn` gives its `resource`, `event`, `severity`, " +
    "`service`, `group`, `value`, `text`, `tags`, `attributes` (a record), `type` and " +
    "`timestamp`.",
  settings: [
    { name: "url", type: "string" },
    { name: "apiKey", type: "string" },
    { name: "environment", preset: '""' },
    { name: "origin", preset: '"InfluxDB"' },
  ],
  message,
  request,
});

export const packageDefinition = definePackage({
  path: "contrib/bonitoo-io/alerta",
  docs: "Sends alerts to Alerta.",
  imports: [...notifierImports, "strings"],
  members: parts,
});
