import { definePackage } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";

const parts = notifier({
  single: { name: "message", docs: "Posts one message to a Webex room; gives the HTTP status." },
  docs:
    "Posts a message to a Webex room for each row: `mapFn` gives its `roomId`, `text` and " +
    "`markdown`.",
  settings: [
    { name: "url", type: "string", preset: '"https://webexapis.com"' },
    { name: "token", type: "string" },
  ],
  message: [{ name: "roomId" }, { name: "text" }, { name: "markdown" }],
  request: `{
        url: url + "/v1/messages",
        headers: {"Authorization": "Bearer " + token, "Content-Type": "application/json; charset=utf-8"},
        data: json.encode(v: {roomId: roomId, text: text, markdown: markdown}),
    }`,
});

export const packageDefinition = definePackage({
  path: "contrib/sranka/webexteams",
  docs: "Posts messages to Webex.",
  imports: notifierImports,
  members: parts,
});
