import { flux, native, transformation } from "@tocsin/engine/interpret";
import { float, nullOf } from "@tocsin/data/value";
import { Movements, movingKind, put } from "./moving-kind.ts";
import { periodOf } from "./period.ts";

const oscillatorKind = movingKind("chandeMomentumOscillator", {
  what: "chande momentum oscillator",
  needsColumn: false,
  skipped: (rows, n) => Math.min(rows, n),
  mover: (n) => {
    const movements = new Movements(n);
    return {
      begin: () => movements.begin(),
      move(series, { from, to }, out) {
        for (let row = from; row < to; row++) {
          if (movements.next(series, row) === undefined) continue;
          const { up, down } = movements;
          put(out, row, (100 * (up - down)) / (up + down));
        }
      },
    };
  },
});

export const chandeMomentumOscillator = transformation({
  name: "chandeMomentumOscillator",
  type: "(<-tables: stream[A], n: int, ?columns: [string]) => stream[B] where A: Record, B: Record",
  docs:
    "How much of the movement over `n` rows went up: 100 when all of it did, -100 when all went down, NaN when " +
    "nothing moved. The first `n` rows are left out.",
  example: `import "sampledata"
sampledata.int() |> chandeMomentumOscillator(n: 2)`,
  kind: oscillatorKind,
  spec: (args) => ({ n: periodOf(args), columns: args.strings("columns", ["_value"]) }),
});

/** A hundredth of a number's size: `math` cannot be imported here, it is built on this package. */
export const hundredth = native({
  name: "_hundredth",
  type: "(v: float) => float",
  docs: "The size of `v`, by 100.",
  call: (args) =>
    args.optional("v")?.kind === "null" ? nullOf("float") : float(Math.abs(args.float("v")) / 100),
});

export const kaufmansER = flux({
  name: "kaufmansER",
  type: "(<-tables: stream[A], n: int) => stream[{B with _value: float, _value: float}] where A: Record",
  docs:
    "How straight `_value` moved over `n` rows: 1 when in one direction only, 0 when it came back to where it " +
    "was. The first `n` rows are left out.",
  example: `import "sampledata"
sampledata.int() |> kaufmansER(n: 2)`,
  source: `(n, tables=<-) =>
    tables
        |> chandeMomentumOscillator(n: n)
        |> map(fn: (r) => ({r with _value: _hundredth(v: r._value)}))`,
});
