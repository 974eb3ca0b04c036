import { type Batch, bytesOf, pieces } from "@tocsin/data/column";
import type { Steps } from "@tocsin/platform/host";
import type { Operator, Outlet } from "./operator.ts";

/**
 * The most rows that are passed on at a time. A function that takes a microsecond for each holds the event loop for as
 * long as the driver allows, and what is done once for each batch does not matter.
 */
export const pieceRows = 16_384;

/** Batches as they are made; undefined: there is none yet, and others may have a turn. */
export type Batches = Iterable<Batch | undefined>;

/** Passes batches on in pieces, so that no reader works for long at a time. */
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

/** An operator that passes nothing on before all its inputs have ended. Then `batches` is called, once. */
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
