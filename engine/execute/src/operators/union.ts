import type { Batch } from "@tocsin/data/column";
import { operatorKind } from "../per-batch.ts";
import { atEnd } from "../pushing.ts";
import { Regrouping } from "../regrouping.ts";

/**
 * All tables of several streams; tables with the same key become one, in the order of the streams.
 */
export const unionKind = operatorKind<{ readonly streams: number }>(
  {
    name: "union",
    rowwise: false,
    reads: (_, wanted) => wanted,
    describe: ({ streams }) => `${streams} streams`,
  },
  ({ streams }, out, { wanted }) => {
    const batches: Batch[][] = Array.from({ length: streams }, () => []);
    return atEnd(
      out,
      (batch, port) => void batches[port].push(batch),
      () => united(batches, new Regrouping(wanted)),
      streams,
    );
  },
);

function* united(streams: Batch[][], regrouping: Regrouping): Generator<Batch | undefined> {
  for (const batches of streams) {
    for (const batch of batches) {
      regrouping.add(batch, ({ key }) => key);
      yield undefined;
    }
    batches.length = 0;
  }
  yield* regrouping.batches(false);
}
