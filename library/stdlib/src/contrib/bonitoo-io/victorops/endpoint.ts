import { flux } from "@tocsin/engine/interpret";

export const endpoint = flux({
  name: "endpoint",
  type: `(url: string, ?monitoringTool: B) => (
    mapFn: (r: A) => {C with
      messageType: D, entityID: E, entityDisplayName: F, stateMessage: G, timestamp: H,
    },
  ) => (<-tables: stream[A]) => stream[{A with _sent: string, _status: string}]`,
  docs:
    "Sends one event to Splunk On-Call (VictorOps) for each row. Call it with the REST endpoint's `url`, call " +
    "the result with `mapFn`, which makes the event of a row `r`, and pipe rows into the result of that. " +
    '`monitoringTool` is what `mapFn` returns under that name, else the argument. `_sent` is `"true"` when ' +
    "On-Call accepted the event; `_status` is the last HTTP status, empty when no answer came.",
  source: `(url, monitoringTool="InfluxDB") =>
    (mapFn) =>
        (tables=<-) =>
            tables
                |> delivery.deliver(
                    integration: "victorops",
                    fn: (r) => _request(url: url, monitoringTool: monitoringTool, event: mapFn(r: r)),
                )`,
});
