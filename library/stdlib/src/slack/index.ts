import { definePackage, flux } from "@tocsin/engine/interpret";
import { validateColorString } from "./color.ts";
import { endpoint, message, slackRequest } from "./message.ts";

const defaultURL = flux({
  name: "defaultURL",
  type: "string",
  docs: "Where messages go that name no URL.",
  option: true,
  source: `"https://slack.com/api/chat.postMessage"`,
});

export const packageDefinition = definePackage({
  path: "slack",
  docs: "Posts messages to Slack.",
  imports: ["json", "tocsin/delivery"],
  members: [defaultURL, endpoint, message, slackRequest, validateColorString],
});
