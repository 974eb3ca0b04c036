import { transformation } from "@tocsin/engine/interpret";
import { Movements, movingKind, put } from "./moving-kind.ts";
import { periodOf } from "./period.ts";

/** Weights of a new value when values move straight, and when they go nowhere: periods of 2 and 30. */
const FAST = 2 / (2 + 1);
const SLOW = 2 / (30 + 1);

const kaufmansKind = movingKind("kaufmansAMA", {
  what: "KAMA",
  needsColumn: false,
  skipped: (rows, n) => Math.min(rows, n),
  mover: (n) => {
    const movements = new Movements(n);
    let average = 0;
    return {
      begin: () => movements.begin(),
      move(series, { from, to }, out) {
        for (let row = from; row < to; row++) {
          const at = movements.next(series, row);
          if (at === undefined) continue;
          if (at === n) average = movements.before;
          average += weightOf(movements) * (movements.value - average);
          put(out, row, average);
        }
      },
    };
  },
});

function weightOf({ up, down }: Movements): number {
  const moved = up + down;
  const efficiency = moved === 0 ? 0 : Math.abs((100 * (up - down)) / moved) / 100;
  return (efficiency * (FAST - SLOW) + SLOW) ** 2;
}

export const kaufmansAMA = transformation({
  name: "kaufmansAMA",
  type: "(<-tables: stream[A], n: int, ?column: string) => stream[B] where A: Record, B: Record",
  docs:
    "A moving average that follows quickly while values move in one direction over `n` rows, and hardly at all " +
    "while they go back and forth. The first `n` rows are left out.",
  example: `import "sampledata"
sampledata.int() |> kaufmansAMA(n: 3)`,
  kind: kaufmansKind,
  spec: (args) => ({ n: periodOf(args), columns: [args.string("column", "_value")] }),
});
