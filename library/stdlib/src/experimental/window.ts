import { flux } from "@tocsin/engine/interpret";
import { _window } from "../universe/window.ts";

const ROWS = "stream[{T with _start: time, _stop: time, _time: time}]";
const PARAMETERS = `every: duration, period: duration, offset: duration,
    location: {zone: string, offset: duration}, createEmpty: bool`;

/** `universe._window` under a name that this package has not taken. */
export const cut = { ..._window, name: "_cut" };

export const windowWithAll = flux({
  name: "_window",
  type: `(<-tables: ${ROWS}, ${PARAMETERS}) => ${ROWS}`,
  docs: "`window` with all of its arguments.",
  source: `(tables=<-, every, period, offset, location, createEmpty) =>
    tables
        |> _cut(
            every: every,
            period: period,
            offset: offset,
            location: location,
            timeColumn: "_time",
            startColumn: "_start",
            stopColumn: "_stop",
            createEmpty: createEmpty,
        )`,
});

export const window = flux({
  name: "window",
  type: `(
    <-tables: ${ROWS}, ?every: duration, ?period: duration, ?offset: duration,
    ?location: {zone: string, offset: duration}, ?createEmpty: bool,
  ) => ${ROWS}`,
  docs:
    "Cuts tables into windows of time, as `window` of `universe`, with the columns `_time`, `_start` and " +
    "`_stop`.",
  example: `import "experimental"
import "sampledata"
sampledata.int()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> experimental.window(every: 20s)`,
  source: `(tables=<-, every=0s, period=0s, offset=0s, location=location, createEmpty=false) =>
    tables
        |> _window(
            every: every,
            period: period,
            offset: offset,
            location: location,
            createEmpty: createEmpty,
        )`,
});
