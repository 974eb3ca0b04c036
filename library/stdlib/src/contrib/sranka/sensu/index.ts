import { definePackage, scalar } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";

const toSensuName = scalar({
  name: "toSensuName",
  type: "(v: string) => string",
  docs: "The text with `_` for each character that a name in Sensu cannot have.",
  example: `import "array"
import "contrib/sranka/sensu"
array.from(rows: [{name: sensu.toSensuName(v: "disk of db 1")}])`,
  parameters: { v: "string" },
  result: "string",
  apply: (text: string) => (text === "" ? "_" : text.replaceAll(/[^a-zA-Z0-9_.-]/gu, "_")),
});

const parts = notifier({
  single: { name: "event", docs: "Sends one event of a check to Sensu Go; gives the HTTP status." },
  docs:
    "Sends an event to Sensu Go for each row: `mapFn` gives the `checkName`, its `text` and its " +
    "`status` (0 is well), and perhaps the `state`.",
  settings: [
    { name: "url", type: "string" },
    { name: "apiKey", type: "string" },
    { name: "handlers", preset: "[]" },
    { name: "namespace", type: "string", preset: '"default"' },
    { name: "entityName", type: "string", preset: '"influxdb"' },
  ],
  message: [
    { name: "checkName", type: "string" },
    { name: "text" },
    { name: "status", kind: "Equatable", preset: "0" },
    { name: "state", type: "string", preset: '""', optional: true },
  ],
  request: `{
        url: url + "/api/core/v2/namespaces/" + namespace + "/events",
        headers: {"Authorization": "Key " + apiKey, "Content-Type": "application/json; charset=utf-8"},
        data:
            json.encode(
                v: {
                    entity: {entity_class: "proxy", metadata: {name: toSensuName(v: entityName)}},
                    check: {
                        metadata: {name: toSensuName(v: checkName)},
                        output: text,
                        status: status,
                        state: if state != "" then state else if status == 0 then "passing" else "failing",
                        handlers: handlers,
                        interval: 60,
                    },
                },
            ),
    }`,
  added: [],
});

export const packageDefinition = definePackage({
  path: "contrib/sranka/sensu",
  docs: "Sends events to Sensu Go.",
  imports: notifierImports,
  members: [...parts, toSensuName],
});
