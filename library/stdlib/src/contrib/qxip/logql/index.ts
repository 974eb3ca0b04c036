import { definePackage, flux } from "@tocsin/engine/interpret";

const defaultURL = flux({
  name: "defaultURL",
  type: "string",
  docs: "The server that calls without `url` ask.",
  option: true,
  source: `"http://127.0.0.1:3100"`,
});

const defaultAPI = flux({
  name: "defaultAPI",
  type: "string",
  docs: "The path that calls without `path` ask.",
  option: true,
  source: `"/loki/api/v1/query_range"`,
});

const queryRange = flux({
  name: "query_range",
  type: `(
    query: string, ?url: string, ?path: string, ?limit: B, ?step: D, ?start: C, ?end: A, ?orgid: string,
  ) => stream[E] where A: Timeable, B: Stringable, C: Timeable, D: Stringable, E: Record`,
  docs: "What a qryn server answers to a LogQL query from `start` up to `end`, all columns as strings.",
  source: `(query, url=defaultURL, path=defaultAPI, limit=100, step=10, start=-1h, end=now(), orgid="") => {
    nanoseconds = (t) => string(v: uint(v: date.time(t: t)))
    asked = ["query": [query], "limit": ["\${limit}"], "start": [nanoseconds(t: start)],
        "end": [nanoseconds(t: end)], "step": ["\${step}"], "csv": ["1"]]
    headers = if orgid == "" then [:] else ["X-Scope-OrgID": orgid]
    answer = requests.get(url: url + path, params: asked, headers: headers, body: bytes(v: query))

    return csv.from(csv: string(v: answer.body), mode: "raw")
}`,
});

export const packageDefinition = definePackage({
  path: "contrib/qxip/logql",
  docs: "Queries logs of qryn over HTTP.",
  imports: ["csv", "date", "experimental/http/requests"],
  members: [defaultURL, defaultAPI, queryRange],
});
