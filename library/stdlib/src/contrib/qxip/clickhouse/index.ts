import { definePackage, flux } from "@tocsin/engine/interpret";

const defaultURL = flux({
  name: "defaultURL",
  type: "string",
  docs: "The server that calls without `url` ask.",
  option: true,
  source: `"http://127.0.0.1:8123"`,
});

const query = flux({
  name: "query",
  type: `(
    query: string, ?url: string, ?limit: A, ?cors: string, ?max_bytes: B, ?format: string,
  ) => stream[C] where A: Stringable, B: Stringable, C: Record`,
  docs: "What a ClickHouse server answers to a SQL query, all columns as strings.",
  source: `(query, url=defaultURL, limit=100, cors="1", max_bytes=10000000, format="CSVWithNames") => {
    asked = ["query": [query], "default_format": [format], "max_result_rows": ["\${limit}"],
        "max_result_bytes": ["\${max_bytes}"], "add_http_cors_header": [cors]]
    answer = requests.get(url: url, params: asked, headers: ["X-ClickHouse-Format": format])

    return csv.from(csv: string(v: answer.body), mode: "raw")
}`,
});

export const packageDefinition = definePackage({
  path: "contrib/qxip/clickhouse",
  docs: "Queries ClickHouse over HTTP.",
  imports: ["csv", "experimental/http/requests"],
  members: [defaultURL, query],
});
