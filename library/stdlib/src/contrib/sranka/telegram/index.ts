import { definePackage, flux } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";

const options = (
  [
    [
      "defaultURL",
      "string",
      `"https://api.telegram.org/bot"`,
      "Where bots are, without the token.",
    ],
    ["defaultParseMode", "string", `"MarkdownV2"`, "How Telegram reads the text of a message."],
    ["defaultDisableWebPagePreview", "bool", "false", "Whether links are shown without a preview."],
    ["defaultSilent", "bool", "true", "Whether messages arrive without a sound."],
  ] as const
).map(([name, type, source, docs]) => flux({ name, type, docs, option: true, source }));

const parts = notifier({
  single: {
    name: "message",
    docs: "Sends one message through a Telegram bot; gives the HTTP status.",
  },
  docs:
    "Sends a message through a Telegram bot for each row: `mapFn` gives its `channel`, `text` " +
    "and whether it is `silent`.",
  settings: [
    { name: "url", type: "string", preset: "defaultURL" },
    { name: "token", type: "string" },
    { name: "parseMode", preset: "defaultParseMode" },
    { name: "disableWebPagePreview", preset: "defaultDisableWebPagePreview" },
  ],
  message: [{ name: "channel" }, { name: "text" }, { name: "silent", preset: "defaultSilent" }],
  request: `{
        url: url + token + "/sendMessage",
        headers: {"Content-Type": "application/json; charset=utf-8"},
        data:
            json.encode(
                v: {
                    chat_id: channel,
                    text: text,
                    parse_mode: parseMode,
                    disable_web_page_preview: disableWebPagePreview,
                    disable_notification: silent,
                },
            ),
    }`,
});

export const packageDefinition = definePackage({
  path: "contrib/sranka/telegram",
  docs: "Sends messages through Telegram.",
  imports: notifierImports,
  members: [...options, ...parts],
});
