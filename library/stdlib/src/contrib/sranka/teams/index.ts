import { definePackage, flux } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../../../notifier.ts";

const summaryCutoff = flux({
  name: "summaryCutoff",
  type: "int",
  docs: "How many characters of a summary are shown.",
  option: true,
  source: "70",
});

const short = flux({
  name: "_short",
  type: "(text: string) => string",
  docs: "The text, cut at `summaryCutoff` characters.",
  source: `(text) =>
    if strings.strlen(v: text) > summaryCutoff then
        strings.substring(v: text, start: 0, end: summaryCutoff) + "..."
    else
        text`,
});

const parts = notifier({
  single: {
    name: "message",
    docs: "Posts one card to a Microsoft Teams channel; gives the HTTP status.",
  },
  docs:
    "Posts a card to a Microsoft Teams channel for each row: `mapFn` gives its `title` and " +
    "`text`, and `summary`: when empty, the beginning of the text.",
  settings: [{ name: "url", type: "string" }],
  message: [
    { name: "title" },
    { name: "text", type: "string" },
    { name: "summary", type: "string", preset: '""' },
  ],
  request: `{
        url: url,
        headers: {"Content-Type": "application/json; charset=utf-8"},
        data:
            json.encode(
                v: {
                    "@type": "MessageCard",
                    "@context": "http://schema.org/extensions",
                    title: title,
                    text: text,
                    summary: _short(text: if summary == "" then text else summary),
                },
            ),
    }`,
});

export const packageDefinition = definePackage({
  path: "contrib/sranka/teams",
  docs: "Posts messages to Microsoft Teams.",
  imports: [...notifierImports, "strings"],
  members: [...parts, short, summaryCutoff],
});
