import { definePackage } from "@tocsin/engine/interpret";
import { alert, event } from "./alert.ts";
import { endpoint } from "./endpoint.ts";
import { request } from "./request.ts";

export const packageDefinition = definePackage({
  path: "contrib/bonitoo-io/victorops",
  docs: "Sends events to Splunk On-Call, formerly VictorOps.",
  imports: ["tocsin/delivery"],
  members: [alert, endpoint, event, request],
});
