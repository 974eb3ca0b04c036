import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Batch,
  batchesOf,
  cellAt,
  columnBuilder,
  type FlatColumn,
  groupKey,
  tableFrom,
  type TableColumn,
} from "@tocsin/data/column";
import type { ColumnKind, Duration, Raw } from "@tocsin/data/value";
import { finished } from "@tocsin/platform/host";
import { WindowSums } from "../src/operators/window-sums.ts";
import type { Summing } from "../src/window-grid.ts";
import { AllWindows } from "../src/all-windows.ts";
import { WindowList } from "../src/window-list.ts";
import { windowsOf } from "../src/windows.ts";

interface Row {
  readonly time: bigint | null;
  readonly value: number | null;
}

const row = fc.record({
  time: fc.option(fc.bigInt({ min: 60n, max: 240n }), { freq: 8 }),
  value: fc.option(fc.integer({ min: -5, max: 50 }), { freq: 4 }),
});
/** Each table as the pieces in which it comes. */
const tables = fc.array(fc.array(fc.array(row, { maxLength: 6 }), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
});
const sums = fc.record({
  what: fc.constantFrom<Summing[]>("sum", "mean", "count"),
  kind: fc.constantFrom<ColumnKind[]>("float", "int", "uint"),
});

const rawOf = (kind: ColumnKind, value: number | null): Raw => {
  if (value === null || kind === "float") return value;
  return kind === "uint" ? BigInt(Math.abs(value)) + 2n ** 63n : BigInt(value) * 2n ** 31n;
};

function columnOf(kind: ColumnKind, cells: readonly Raw[]): FlatColumn {
  const builder = columnBuilder(kind, cells.length);
  for (const one of cells) builder.append(one);
  return builder.finish();
}

function pieceOf(table: number, rows: readonly Row[], kind: ColumnKind): Batch {
  const key = groupKey([{ label: "k", kind: "int", cell: BigInt(table) }]);
  const times = columnOf(
    "time",
    rows.map(({ time }) => time),
  );
  const values = columnOf(
    kind,
    rows.map(({ value }) => rawOf(kind, value)),
  );
  return tableFrom(key, [
    { label: "_time", column: times },
    { label: "v", column: values },
  ]);
}

/** As few batches as there can be: one ends where a table goes on. */
function batchesIn(given: readonly (readonly (readonly Row[])[])[], kind: ColumnKind): Batch[] {
  const batches: Batch[] = [];
  let some: Batch[] = [];
  given.forEach((pieces, table) => {
    pieces.forEach((rows, i) => {
      some.push(pieceOf(table, rows, kind));
      if (i === pieces.length - 1) return;
      batches.push(...batchesOf(some).map((batch) => ({ ...batch, open: true })));
      some = [];
    });
  });
  return [...batches, ...batchesOf(some)];
}

interface Shape {
  readonly every: bigint;
  readonly period?: bigint;
  readonly stop: bigint;
  readonly createEmpty: boolean;
}

/** What should come of the rows of a window: added one by one. */
function sumOf(what: Summing, kind: ColumnKind, rows: readonly Row[]): Raw {
  if (what === "count") return BigInt(rows.length);
  const cells = rows.map(({ value }) => rawOf(kind, value)).filter((cell) => cell !== null);
  if (cells.length === 0) return null;
  if (kind === "float") {
    const total = (cells as number[]).reduce((sum, one) => sum + one, 0);
    return what === "sum" ? total : total / cells.length;
  }
  const whole = (cells as bigint[]).reduce((sum, one) => sum + one, 0n);
  const total = kind === "uint" ? BigInt.asUintN(64, whole) : BigInt.asIntN(64, whole);
  return what === "sum" ? total : Number(total) / cells.length;
}

/** Key, times and values of each table that was made; tables that went on are put together. */
function shownOf(made: readonly Batch[]): string[] {
  const shown: string[] = [];
  let goesOn = false;
  for (const { schema, columns, tableEnds, open } of made) {
    expect(schema.map(({ label }) => label)).toEqual(["_time", "k", "_start", "_stop", "v"]);
    const [times, key, , , values] = columns;
    for (let table = 0, at = 0; table < tableEnds.length; table++) {
      if (!goesOn) shown.push(`${String(cellAt((key as TableColumn).values, table))}:`);
      for (; at < tableEnds[table]; at++) {
        const cells = [times, values].map((one) => String(cellAt(one as FlatColumn, at)));
        shown[shown.length - 1] += ` ${cells.join("=")}`;
      }
      goesOn = false;
    }
    goesOn = open;
  }
  return shown;
}

function check(
  given: readonly (readonly (readonly Row[])[])[],
  { what, kind }: { what: Summing; kind: ColumnKind },
  { every, period = every, stop, createEmpty }: Shape,
): void {
  const range = { start: 100n, stop };
  const none = { begun: new BigInt64Array(1), ended: new BigInt64Array(1) };
  const length = (nanoseconds: bigint): Duration => ({ months: 0n, nanoseconds, negative: false });
  const offset = length(0n);
  const location = { zone: "UTC", offset };
  const windows = windowsOf({ every: length(every), period: length(period), offset, location });
  const all = windows.seamless
    ? AllWindows.seamless(new WindowList(finished(windows.edges(range))), range)
    : AllWindows.of(finished(windows.ends(range)) ?? none, range, true);
  const spec = {
    what,
    column: "v",
    range,
    timeFrom: "_stop",
    timeFirst: true,
    createEmpty,
  } as const;
  const sum = new WindowSums(spec, all);
  const made = batchesIn(given, kind).flatMap((batch) => {
    const some = [...sum.add(batch)].filter((one) => one !== undefined);
    expect(sum.open).toBe(batch.open);
    return some;
  });
  const expected = given.map((pieces, table) => {
    const cells = windows.within(range).map((window) => {
      const inside = pieces.flat().filter(({ time }) => {
        const from = window.start < range.start ? range.start : window.start;
        return time !== null && time >= from && time < window.stop && time < range.stop;
      });
      const end = window.stop > range.stop ? range.stop : window.stop;
      const shown = createEmpty || inside.length > 0;
      return shown ? ` ${end}=${String(sumOf(what, kind, inside))}` : "";
    });
    return `${table}:${cells.join("")}`;
  });
  // Without `createEmpty` a table without rows is none.
  expect(shownOf(made)).toEqual(expected.filter((one) => createEmpty || one.includes(" ")));
}

test("each window has the sum of its rows, in whatever order and pieces they come", () => {
  const shapes = fc.record({
    every: fc.constant(7n),
    period: fc.constantFrom(7n, 3n, 20n, 21n, 300n),
    stop: fc.constant(200n),
    createEmpty: fc.boolean(),
  });
  const property = fc.property(tables, sums, shapes, fc.boolean(), (given, of, shape, gaps) => {
    const filled = (some: Row): Row => ({ time: some.time ?? 150n, value: some.value ?? 1 });
    const whole = given.map((pieces) => pieces.map((rows) => rows.map(filled)));
    check(gaps ? given : whole, of, shape);
  });
  fc.assert(property, { seed: 3, numRuns: 300 });
});

test("a table with more windows than a batch has rows comes in pieces", () => {
  const rows = [150n, 30_000n, 16_484n, 16_483n, 39_999n, 150n].map((time, i) => ({
    time,
    value: i,
  }));
  check(
    [[rows.slice(0, 2), rows.slice(2)], [rows]],
    { what: "mean", kind: "int" },
    {
      every: 1n,
      stop: 40_000n,
      createEmpty: true,
    },
  );
});
