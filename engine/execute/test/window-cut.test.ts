import fc from "fast-check";
import { expect, test } from "vitest";
import { type Batch, columnBuilder } from "@tocsin/data/column";
import { finished } from "@tocsin/platform/host";
import { WindowCutter } from "../src/window-cut.ts";
import { type Window, type WindowShape, windowsOf } from "../src/windows.ts";

/** Where the times of a test lie: halves of the numbers change within them, or their sign. */
const origins = [0n, 2n ** 32n - 150n, -150n, -(2n ** 40n) - 150n] as const;
const length = (nanoseconds: bigint): WindowShape["every"] => ({
  months: 0n,
  nanoseconds,
  negative: false,
});

const shapes = fc.record({
  every: fc.constantFrom(1n, 7n, 30n, 1000n),
  period: fc.constantFrom(undefined, 2n, 20n, 45n, 900n),
  offset: fc.constantFrom(0n, 3n, -11n),
});
const tables = fc.array(
  fc.array(fc.option(fc.bigInt({ min: 60n, max: 240n }), { freq: 8 }), { maxLength: 12 }),
  { maxLength: 4 },
);

function batchOf(times: readonly (readonly (bigint | null)[])[]): Batch {
  const builder = columnBuilder("time");
  const tableEnds = new Uint32Array(times.length);
  times.forEach((some, table) => {
    for (const t of some) builder.append(t);
    tableEnds[table] = builder.rows;
  });
  const schema = [{ label: "_time", kind: "time", key: false }] as const;
  return { schema, columns: [builder.finish()], rows: builder.rows, tableEnds, open: false };
}

/** Each row put into the window that says so, one by one: slow, and obviously right. */
function expected(
  times: readonly (readonly (bigint | null)[])[],
  shape: WindowShape,
  {
    createEmpty,
    outside,
    bounds,
  }: { createEmpty: boolean; outside: "share" | "leave"; bounds: Window },
): string[] {
  const windows = windowsOf(shape);
  const reaches = ({ start, stop }: Window): boolean => stop > bounds.start && start < bounds.stop;
  let row = 0;
  return times.flatMap((some, table) => {
    const found = new Map<string, { window: Window; rows: number[] }>();
    const at = (window: Window): { rows: number[] } => {
      const text = `${window.start} ${window.stop}`;
      let one = found.get(text);
      if (one === undefined) found.set(text, (one = { window, rows: [] }));
      return one;
    };
    if (createEmpty) for (const window of windows.within(bounds)) at(window);
    for (const t of some) {
      const inside = t !== null && t >= bounds.start && t < bounds.stop;
      const holding = windows.seamless
        ? (one: bigint) => [windows.latest(one)]
        : windows.containing;
      if (inside || outside === "share")
        for (const window of t === null ? [bounds] : holding(t))
          at(reaches(window) ? window : bounds).rows.push(row);
      row += 1;
    }
    const order = [...found.values()].sort((a, b) =>
      Number(a.window.start - b.window.start || a.window.stop - b.window.stop),
    );
    return order.map(({ window: { start, stop }, rows }) => {
      const from = start < bounds.start ? bounds.start : start;
      const to = stop > bounds.stop ? bounds.stop : stop;
      return `${table} ${from}-${to}: ${rows.join(" ")}`;
    });
  });
}

test.each(origins)(
  "rows from %s on fall into the windows that hold their times, whatever their order",
  (origin) => {
    const bounds = { start: origin + 100n, stop: origin + 200n };
    const property = fc.property(
      tables,
      shapes,
      fc.record({ createEmpty: fc.boolean(), outside: fc.constantFrom("share", "leave") }),
      fc.boolean(),
      (relative, { every, period = every, offset }, options, sorted) => {
        const times = relative.map((some) => some.map((t) => (t === null ? t : origin + t)));
        const given = sorted
          ? times.map((some) =>
              some.filter((t) => t !== null).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
            )
          : times;
        const shape: WindowShape = {
          every: length(every),
          period: length(period),
          offset: { ...length(offset < 0n ? -offset : offset), negative: offset < 0n },
          location: { zone: "UTC", offset: length(0n) },
        };
        const cutter = new WindowCutter(shape, bounds, options);
        // Twice: what it learned from the first batch must not change what it makes of the next.
        for (const part of [given.slice(0, 1), given]) {
          const cut = finished(cutter.cut(batchOf(part), "_time"));
          const found = Array.from(cut.ends, (end, i) => {
            const rows: number[] = [];
            for (let at = i === 0 ? 0 : cut.ends[i - 1]; at < end; at++)
              rows.push(cut.rows?.[at] ?? at);
            return `${cut.tables[i]} ${cut.starts[i]}-${cut.stops[i]}: ${rows.join(" ")}`;
          });
          expect(found).toEqual(expected(part, shape, { ...options, bounds }));
        }
      },
    );
    fc.assert(property, { seed: 2, numRuns: 200 });
  },
);
