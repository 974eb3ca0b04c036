import { rangeKind } from "@tocsin/engine/execute";
import { type Arguments, type Run, transformation } from "@tocsin/engine/interpret";
import {
  approximateNanoseconds,
  FluxError,
  int64Max,
  int64Min,
  kindName,
} from "@tocsin/data/value";

export const range = transformation({
  name: "range",
  type: `(<-tables: stream[{A with _time: time}], start: B, ?stop: C) =>
    stream[{A with _time: time, _start: time, _stop: time}]`,
  docs:
    "Keeps the rows from `start` up to, but not including, `stop` (default: now). Bounds are " +
    "times, durations relative to `now()`, or ints of seconds since the epoch.",
  example: `import "sampledata"
sampledata.int() |> range(start: 2021-01-01T00:00:00Z, stop: 2021-01-01T00:00:30Z)`,
  kind: rangeKind,
  spec: (args, run) => {
    const start = boundOf(args, run, "start");
    const stop = args.has("stop") ? boundOf(args, run, "stop") : run.now;
    if (start >= stop) throw new FluxError("invalid", "cannot query an empty range");
    return {
      start,
      stop,
      timeColumn: "_time",
      startColumn: "_start",
      stopColumn: "_stop",
    };
  },
});

/**
 * Nanoseconds since the epoch. A relative bound counts a month as 365.25 / 12 days, as upstream.
 */
function boundOf(args: Arguments, run: Run, name: string): bigint {
  const value = args.value(name);
  switch (value.kind) {
    case "time":
      return value.value;
    case "int":
      return clamped(value.value * 1_000_000_000n);
    case "duration":
      return clamped(run.now + approximateNanoseconds(value.value));
    default:
      throw new FluxError(
        "invalid",
        `range: ${name} should be a time, a duration or an int, but is ${kindName(value)}`,
      );
  }
}

function clamped(nanoseconds: bigint): bigint {
  return nanoseconds < int64Min ? int64Min : nanoseconds > int64Max ? int64Max : nanoseconds;
}
