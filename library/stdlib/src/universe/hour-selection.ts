import { isValid, tableStart } from "@tocsin/data/column";
import {
  type Duration,
  floorModulo,
  invalid,
  locationOf as loadLocation,
  type TimeLocation,
  wallClock,
} from "@tocsin/data/value";
import { perBatchKind, selectRows } from "@tocsin/engine/execute";
import { flux, transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { timeColumnOf } from "./time-column.ts";
import { locationOf } from "./window.ts";

interface HourSelectionSpec {
  readonly start: number;
  readonly stop: number;
  readonly timeColumn: string;
  readonly location: { readonly zone: string; readonly offset: Duration };
}

const hourSelectionKind = perBatchKind<HourSelectionSpec>(
  {
    name: "hourSelection",
    rowwise: true,
    reads: ({ timeColumn }, wanted) => passing(wanted, timeColumn),
    describe: ({ start, stop }) => `${start} to ${stop}`,
  },
  ({ start, stop, timeColumn, location: { zone, offset } }) => {
    const location = locationIn(zone, offset);
    return (batch) => {
      const times = timeColumnOf(batch, "hourSelection", timeColumn);
      const rows = new Uint32Array(batch.rows);
      const ends = new Uint32Array(batch.tableEnds.length);
      let count = 0;
      for (let table = 0; table < ends.length; table++) {
        for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
          if (!isValid(times.valid, row)) continue;
          const hour = hourOf(wallClock(location, times.data[row]));
          const inside =
            start <= stop ? hour >= start && hour <= stop : hour >= start || hour <= stop;
          if (inside) rows[count++] = row;
        }
        ends[table] = count;
      }
      return count === batch.rows ? batch : selectRows(batch, rows, count, ends);
    };
  },
);

function locationIn(zone: string, offset: Duration): TimeLocation {
  const location = loadLocation(zone, offset);
  if ("reason" in location) throw invalid(`hourSelection: ${location.reason}`);
  return location;
}

function hourOf(time: bigint): number {
  return Number(floorModulo(time, 86_400_000_000_000n) / 3_600_000_000_000n);
}

export const _hourSelection = transformation({
  name: "_hourSelection",
  type: `(
    <-tables: stream[A], start: int, stop: int, location: {zone: string, offset: duration}, ?timeColumn: string,
  ) => stream[A] where A: Record`,
  docs: "`hourSelection` with all of its arguments.",
  kind: hourSelectionKind,
  spec: (args) => {
    const [start, stop] = ["start", "stop"].map((name) => {
      const hour = args.count(name);
      if (hour >= 0 && hour <= 23) return hour;
      throw invalid(`hourSelection: ${name} must be between 0 and 23, but is ${hour}`);
    });
    const location = locationOf(args.record("location"));
    return { start, stop, timeColumn: args.string("timeColumn", "_time"), location };
  },
});

export const hourSelection = flux({
  name: "hourSelection",
  type: `(
    <-tables: stream[A], start: int, stop: int, ?location: {zone: string, offset: duration},
    ?timeColumn: string,
  ) => stream[A] where A: Record`,
  docs:
    "Keeps the rows in certain hours of the day, from `start` to `stop`, both included, on the " +
    "clock of `location`. A `start` after the `stop` goes over midnight.",
  example: `import "sampledata"
sampledata.int() |> hourSelection(start: 0, stop: 1)`,
  source: `(start, stop, location=location, timeColumn="_time", tables=<-) =>
    tables |> _hourSelection(start: start, stop: stop, location: location, timeColumn: timeColumn)`,
});
