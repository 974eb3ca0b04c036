import { type Duration, invalid, isZeroDuration, type RecordValue } from "@tocsin/data/value";
import { windowKind, type WindowSpec } from "@tocsin/engine/execute";
import { type Arguments, flux, transformation } from "@tocsin/engine/interpret";

export const _window = transformation({
  name: "_window",
  type: `(
    <-tables: stream[A], every: duration, period: duration, offset: duration,
    location: {zone: string, offset: duration}, timeColumn: string, startColumn: string, stopColumn: string,
    createEmpty: bool,
  ) => stream[B] where A: Record, B: Record`,
  docs: "`window` with all of its arguments.",
  kind: windowKind,
  spec: windowSpec,
});

export const window = flux({
  name: "window",
  type: `(
    <-tables: stream[A], ?every: duration, ?period: duration, ?offset: duration,
    ?location: {zone: string, offset: duration}, ?timeColumn: string, ?startColumn: string, ?stopColumn: string,
    ?createEmpty: bool,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "Cuts tables into windows of time: a new one begins `every` so often and lasts `period` " +
    "(default: as `every`). Windows are aligned to the epoch plus `offset` on the clock of " +
    "`location`, and clipped to the range that `range` set. `every: inf` puts the windows of a " +
    "table together again.",
  example: `import "sampledata"
sampledata.int()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> window(every: 20s)`,
  source: `(
    every=0s,
    period=0s,
    offset=0s,
    location=location,
    timeColumn="_time",
    startColumn="_start",
    stopColumn="_stop",
    createEmpty=false,
    tables=<-,
) =>
    tables
        |> _window(
            every: every,
            period: period,
            offset: offset,
            location: location,
            timeColumn: timeColumn,
            startColumn: startColumn,
            stopColumn: stopColumn,
            createEmpty: createEmpty,
        )`,
});

function windowSpec(args: Arguments): WindowSpec {
  const every = args.duration("every");
  const period = args.duration("period");
  if (every.negative) throw invalid('window: parameter "every" must be non-negative');
  if (isZeroDuration(every) && isZeroDuration(period)) {
    throw invalid(
      'window: window function requires at least one of "every" or "period" to be set and non-zero',
    );
  }
  return {
    every: isZeroDuration(every) ? period : every,
    period: isZeroDuration(period) ? every : period,
    offset: args.duration("offset"),
    location: locationOf(args.record("location")),
    timeColumn: args.string("timeColumn"),
    startColumn: args.string("startColumn"),
    stopColumn: args.string("stopColumn"),
    createEmpty: args.bool("createEmpty"),
  };
}

/** What a location record says: the name of a zone, and an offset on top. */
export function locationOf(location: RecordValue): { zone: string; offset: Duration } {
  const zone = location.fields.get("zone");
  const offset = location.fields.get("offset");
  if (zone?.kind !== "string")
    throw invalid(
      "zone property missing from location record",
      'a location is {zone: "UTC", offset: 0h}',
    );
  if (offset !== undefined && offset.kind !== "duration")
    throw invalid(`offset property for location must be of type duration, got ${offset.kind}`);
  return {
    zone: zone.value,
    offset: offset?.value ?? { months: 0n, nanoseconds: 0n, negative: false },
  };
}
