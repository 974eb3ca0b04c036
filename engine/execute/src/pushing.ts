import { type Batch, bytesOf, pieces } from "@tocsin/data/column";
import type { Steps } from "@tocsin/platform/host";
import type { Operator, Outlet } from "./operator.ts";

/**
 * So many rows are passed on at a time: a function that takes a microsecond for each holds the event
 * loop for as long as the driver means to, and what is done once a batch does not show.
 */
export const pieceRows = 16_384;

/** Batches as they are made; undefined: nothing yet, and a good moment to let others in. */
export type Batches = Iterable<Batch | undefined>;

/** Passes batches on, cut so that no reader works for long at a time. */
export function* pushing(out: Outlet, batches: Batches): Steps {
  for (const batch of batches) {
    if (batch === undefined) yield;
    else
      for (const piece of pieces(batch, pieceRows)) {
        out.push(piece);
        yield;
      }
  }
}

/**
 * An operator that passes nothing on before all its inputs have ended; `batches` is called once, then.
 */
export function atEnd(
  out: Outlet,
  push: (batch: Batch, port: number) => void,
  batches: () => Batches,
  inputs = 1,
): Operator & { steps(): Steps } {
  let open = inputs;
  let held = 0;
  return {
    push(batch, port) {
      held += bytesOf(batch);
      push(batch, port);
    },
    held: () => held,
    finish: () => void (open -= 1),
    *steps() {
      if (open !== 0) return;
      open = -1;
      yield* pushing(out, batches());
    },
  };
}
