import { definePackage } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";

const parts = notifier({
  single: { name: "event", docs: "Sends one event to Zenoss; gives the HTTP status." },
  docs:
    "Sends an event to Zenoss for each row: `mapFn` gives its `summary`, `device`, `component`, " +
    "`severity`, `eventClass`, `eventClassKey`, `collector` and `message`. With an `apiKey` no " +
    "user is needed.",
  settings: [
    { name: "url", type: "string" },
    { name: "username", type: "string", preset: '""' },
    { name: "password", type: "string", preset: '""' },
    { name: "apiKey", kind: "Equatable", preset: '""' },
    { name: "action", preset: '"EventsRouter"' },
    { name: "method", preset: '"add_event"' },
    { name: "type", preset: '"rpc"' },
    { name: "tid", preset: "1" },
  ],
  message: [
    { name: "summary", preset: '""' },
    { name: "device", preset: '""' },
    { name: "component", preset: '""' },
    { name: "severity" },
    { name: "eventClass", preset: '""' },
    { name: "eventClassKey", preset: '""' },
    { name: "collector", preset: '""' },
    { name: "message", preset: '""' },
  ],
  request: `{
        url: url,
        headers:
            if apiKey == "" then
                {
                    "Authorization": http.basicAuth(u: username, p: password),
                    "Content-Type": "application/json",
                }
            else
                {"Content-Type": "application/json", "z-api-key": apiKey},
        data:
            json.encode(
                v: {
                    action: action,
                    method: method,
                    type: type,
                    tid: tid,
                    data: [
                        {
                            summary: summary,
                            device: device,
                            component: component,
                            severity: severity,
                            evclass: eventClass,
                            evclasskey: eventClassKey,
                            collector: collector,
                            message: message,
                        },
                    ],
                },
            ),
    }`,
});

export const packageDefinition = definePackage({
  path: "contrib/bonitoo-io/zenoss",
  docs: "Sends events to Zenoss.",
  imports: [...notifierImports, "http"],
  members: parts,
});
