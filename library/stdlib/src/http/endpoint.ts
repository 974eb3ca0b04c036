import { flux } from "@tocsin/engine/interpret";

export const endpoint = flux({
  name: "endpoint",
  type: `(url: string) => (mapFn: (r: A) => {B with data: bytes, headers: C}) => (
    <-tables: stream[A],
  ) => stream[{A with _sent: string, _status: string}] where C: Record`,
  docs:
    'Posts one request for each row: `mapFn` makes its `headers` and `data`. `_sent` is `"true"` when the answer ' +
    "was exactly 200, and tables are grouped by it.",
  source: `(url) =>
    (mapFn) =>
        (tables=<-) =>
            tables
                |> delivery.deliver(
                    sentWhen: "200",
                    fn: (r) => {
                        asked = mapFn(r: r)

                        return {url: url, headers: asked.headers, data: asked.data}
                    },
                )
                |> experimental.group(mode: "extend", columns: ["_sent"])`,
});
