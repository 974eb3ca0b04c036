import { definePackage, flux } from "@tocsin/engine/interpret";
import { dedupKey } from "./dedup-key.ts";
import { endpoint, pagerdutyRequest, sendEvent, sendWhole } from "./event.ts";
import { actionFromLevel, actionFromSeverity, severityFromLevel } from "./level.ts";

const defaultURL = flux({
  name: "defaultURL",
  type: "string",
  docs: "Where events go that name no URL.",
  option: true,
  source: `"https://events.pagerduty.com/v2/enqueue"`,
});

export const packageDefinition = definePackage({
  path: "pagerduty",
  docs: "Sends events to PagerDuty.",
  imports: ["experimental/record", "json", "strings", "tocsin/delivery"],
  members: [
    actionFromLevel,
    actionFromSeverity,
    dedupKey,
    defaultURL,
    endpoint,
    pagerdutyRequest,
    sendEvent,
    sendWhole,
    severityFromLevel,
  ],
});
