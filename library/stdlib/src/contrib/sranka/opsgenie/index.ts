import { definePackage } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";
import { alertText, respondersToJSON } from "./alert-text.ts";

const message = [
  { name: "message", type: "string" },
  { name: "alias", type: "string", preset: '""' },
  { name: "description", type: "string", preset: '""' },
  { name: "priority", type: "string", preset: '"P3"' },
  { name: "responders", type: "[string]", preset: "[]" },
  { name: "tags", preset: "[]" },
  { name: "actions", preset: "[]" },
  { name: "visibleTo", type: "[string]", preset: "[]" },
  { name: "details", kind: "Stringable", preset: '"{}"' },
] as const;

/** Details of any type that has a text will do. */
const passed = (name: string): string => (name === "details" ? '"${details}"' : name);

const parts = notifier({
  single: { name: "sendAlert", docs: "Makes one alert in Opsgenie; gives the HTTP status." },
  docs:
    "Makes an alert in Opsgenie for each row: `mapFn` gives its `message`, `alias`, " +
    "`description`, `priority`, `responders`, `tags`, `actions`, `visibleTo` and `details` (text " +
    "that is a JSON object).",
  settings: [
    { name: "url", type: "string", preset: '"https://api.opsgenie.com/v2/alerts"' },
    { name: "apiKey", type: "string" },
    { name: "entity", type: "string", preset: '""' },
  ],
  message,
  request: `{
        url: url,
        headers: {"Authorization": "GenieKey " + apiKey, "Content-Type": "application/json; charset=utf-8"},
        data: bytes(v: _alert(entity: entity, ${message.map(({ name }) => `${name}: ${passed(name)}`).join(", ")})),
    }`,
});

export const packageDefinition = definePackage({
  path: "contrib/sranka/opsgenie",
  docs: "Makes alerts in Opsgenie.",
  imports: notifierImports,
  members: [...parts, alertText, respondersToJSON],
});
