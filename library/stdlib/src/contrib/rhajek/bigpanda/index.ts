import { definePackage, flux } from "@tocsin/engine/interpret";

const options = (
  [
    ["defaultUrl", "https://api.bigpanda.io/data/v2/alerts", "Where alerts go that name no URL."],
    ["defaultTokenPrefix", "Bearer", "What stands before the token in the header."],
  ] as const
).map(([name, text, docs]) =>
  flux({ name, type: "string", docs, option: true, source: JSON.stringify(text) }),
);

const statusFromLevel = flux({
  name: "statusFromLevel",
  type: "(level: string) => string",
  docs: "The status in BigPanda for a level of a check: `warning`, `ok`, or else `critical`.",
  example: `import "array"
import "contrib/rhajek/bigpanda"
array.from(rows: [{status: bigpanda.statusFromLevel(level: "warn")}])`,
  source: `(level) =>
    dict.get(
        dict: ["info": "ok", "ok": "ok", "warn": "warning"],
        key: strings.toLower(v: level),
        default: "critical",
    )`,
});

const request = flux({
  name: "_request",
  type: `(url: string, token: string, appKey: B, status: C, rec: A) => {
    url: string, headers: {Authorization: string, "Content-Type": string}, data: bytes,
  }`,
  docs: "The request for one alert.",
  source: `(url, token, appKey, status, rec) =>
    ({
        url: url,
        headers: {
            "Authorization": defaultTokenPrefix + " " + token,
            "Content-Type": "application/json; charset=utf-8",
        },
        data: json.encode(v: {rec with app_key: appKey, status: status}),
    })`,
});

const sendAlert = flux({
  name: "sendAlert",
  type: "(url: string, token: string, appKey: B, status: C, rec: A) => int",
  docs: "Sends one alert to BigPanda: `rec` has what else it says. Gives the HTTP status.",
  source: `(url, token, appKey, status, rec) => {
    asked = _request(url: url, token: token, appKey: appKey, status: status, rec: rec)

    return delivery.send(url: asked.url, headers: asked.headers, data: asked.data).status
}`,
});

const endpoint = flux({
  name: "endpoint",
  type: `(?url: string, token: string, appKey: C) => (mapFn: (r: A) => {B with status: D}) => (
    <-tables: stream[A],
  ) => stream[{A with _sent: string, _status: string}]`,
  docs: "Sends an alert to BigPanda for each row: all that `mapFn` gives, of which `status` must be.",
  source: `(url=defaultUrl, token, appKey) =>
    (mapFn) =>
        (tables=<-) =>
            tables
                |> delivery.deliver(
                    fn: (r) => {
                        alert = mapFn(r: r)

                        return _request(url: url, token: token, appKey: appKey, status: alert.status, rec: alert)
                    },
                )`,
});

export const packageDefinition = definePackage({
  path: "contrib/rhajek/bigpanda",
  docs: "Sends alerts to BigPanda.",
  imports: ["dict", "json", "strings", "tocsin/delivery"],
  members: [...options, endpoint, request, sendAlert, statusFromLevel],
});
