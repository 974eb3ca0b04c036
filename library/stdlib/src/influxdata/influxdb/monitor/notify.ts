import { flux } from "@tocsin/engine/interpret";

export const notify = flux({
  name: "notify",
  type: `(
    <-tables: stream[A],
    endpoint: (
      <-: stream[{B with _measurement: string, _status_timestamp: int, _time: time, _time: E}],
    ) => stream[C],
    data: D,
  ) => stream[C] where A: Record, C: Record, D: Record`,
  docs:
    "Sends each row to `endpoint` and keeps what was sent (option `log`). `_time` becomes the time of sending: use " +
    "`_status_timestamp` (int, nanoseconds) for when the status was made.",
  source: `(tables=<-, endpoint, data) =>
    tables
        |> experimental.set(o: data)
        |> experimental.group(mode: "extend", columns: experimental.objectKeys(o: data))
        |> map(
            fn: (r) => ({r with
                _measurement: "notifications",
                _status_timestamp: int(v: r._time),
                _time: now(),
            }),
        )
        |> endpoint()
        |> experimental.group(mode: "extend", columns: ["_sent"])
        |> log()`,
});
