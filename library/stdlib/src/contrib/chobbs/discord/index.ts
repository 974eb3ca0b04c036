import { definePackage, flux } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";

const discordURL = flux({
  name: "discordURL",
  type: "string",
  docs: "Where webhooks are, without id and token.",
  option: true,
  source: `"https://discordapp.com/api/webhooks/"`,
});

const parts = notifier({
  single: { name: "send", docs: "Posts one message to a Discord channel; gives the HTTP status." },
  docs: "Posts a message to a Discord channel for each row: `mapFn` gives its `content`.",
  settings: [
    { name: "webhookToken", type: "string" },
    { name: "webhookID", type: "string" },
    { name: "username" },
    { name: "avatar_url", preset: '""' },
  ],
  message: [{ name: "content" }],
  request: `{
        url: discordURL + webhookID + "/" + webhookToken,
        headers: {"Content-Type": "application/json"},
        data: json.encode(v: {username: username, avatar_url: avatar_url, content: content}),
    }`,
});

export const packageDefinition = definePackage({
  path: "contrib/chobbs/discord",
  docs: "Posts messages to Discord.",
  imports: notifierImports,
  members: [discordURL, ...parts],
});
