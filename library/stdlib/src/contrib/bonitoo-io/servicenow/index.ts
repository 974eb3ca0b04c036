import { definePackage, flux } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";

const severityNumber = flux({
  name: "_severity",
  type: "(word: string) => string",
  docs: "The number of a severity in ServiceNow, as text; empty for a word that it does not know.",
  source: `(word) =>
    dict.get(
        dict: ["clear": "0", "critical": "1", "major": "2", "minor": "3", "warning": "4", "info": "5"],
        key: word,
        default: "",
    )`,
});

const parts = notifier({
  single: { name: "event", docs: "Sends one event to ServiceNow; gives the HTTP status." },
  docs:
    "Sends an event to ServiceNow for each row: `mapFn` gives its `node`, `metricType`, " +
    "`resource`, `metricName`, `messageKey`, `description`, `severity` (critical, major, minor, " +
    "warning, info or clear), and perhaps `additionalInfo`, a record.",
  settings: [
    { name: "url", type: "string" },
    { name: "username", type: "string" },
    { name: "password", type: "string" },
    { name: "source", preset: '"Flux"' },
  ],
  message: [
    { name: "node", preset: '""' },
    { name: "metricType", preset: '""' },
    { name: "resource", preset: '""' },
    { name: "metricName", preset: '""' },
    { name: "messageKey", preset: '""' },
    { name: "description" },
    { name: "severity", kind: "Equatable" },
    { name: "additionalInfo", kind: "Equatable", preset: "record.any", optional: true },
  ],
  request: `{
        url: url,
        headers: {
            "Authorization": http.basicAuth(u: username, p: password),
            "Content-Type": "application/json",
        },
        data:
            json.encode(
                v: {
                    records: [
                        {
                            source: source,
                            node: node,
                            type: metricType,
                            resource: resource,
                            metric_name: metricName,
                            message_key: messageKey,
                            description: description,
                            severity: _severity(word: severity),
                            additional_info:
                                if additionalInfo == record.any then "" else string(v: json.encode(v: additionalInfo)),
                        },
                    ],
                },
            ),
    }`,
});

export const packageDefinition = definePackage({
  path: "contrib/bonitoo-io/servicenow",
  docs: "Sends events to ServiceNow.",
  imports: [...notifierImports, "dict", "http"],
  members: [...parts, severityNumber],
});
