import { definePackage, flux } from "@tocsin/engine/interpret";
import { notifier, notifierImports } from "../notifier.ts";

const defaultURL = flux({
  name: "defaultURL",
  type: "string",
  docs: "Where pushes go that name no URL.",
  option: true,
  source: `"https://api.pushbullet.com/v2/pushes"`,
});

const push = flux({
  name: "_push",
  type: `(url: string, token: B, data: A) => {
    url: string, headers: {"Access-Token": B, "Content-Type": string}, data: bytes,
  }`,
  docs: "The request for one push.",
  source: `(url, token, data) =>
    ({
        url: url,
        headers: {"Access-Token": token, "Content-Type": "application/json"},
        data: json.encode(v: data),
    })`,
});

const pushData = flux({
  name: "pushData",
  type: "(?url: string, ?token: B, data: A) => int",
  docs: "Sends `data` as one push; gives the HTTP status.",
  source: `(url=defaultURL, token="", data) => {
    asked = _push(url: url, token: token, data: data)

    return delivery.send(url: asked.url, headers: asked.headers, data: asked.data).status
}`,
});

const parts = notifier({
  single: { name: "pushNote", docs: "Sends one note; gives the HTTP status." },
  docs: "Sends a note for each row: `mapFn` gives its `title` and `text`.",
  settings: [
    { name: "url", type: "string", preset: "defaultURL" },
    { name: "token", preset: '""' },
  ],
  message: [{ name: "title" }, { name: "text" }],
  request: `_push(url: url, token: token, data: {type: "note", title: title, body: text})`,
});

export const packageDefinition = definePackage({
  path: "pushbullet",
  docs: "Sends notes through Pushbullet.",
  imports: notifierImports,
  members: [defaultURL, ...parts, push, pushData],
});
