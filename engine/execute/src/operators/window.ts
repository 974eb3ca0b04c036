import { pieces } from "@tocsin/data/column";
import { formatDuration, invalid } from "@tocsin/data/value";
import { passing, type TimeBounds } from "@tocsin/engine/plan";
import { boundsOf } from "../bounds.ts";
import type { OperatorContext } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { pieceRows, pushing } from "../pushing.ts";
import { Regrouping } from "../regrouping.ts";
import { WholeBatches } from "../whole-batch.ts";
import { windowBatch } from "../window-batch.ts";
import { WindowCutter } from "../window-cut.ts";
import { isEndless, type WindowShape } from "../windows.ts";

/** What `window` was asked for. */
export interface WindowSpec extends WindowShape {
  readonly timeColumn: string;
  readonly startColumn: string;
  readonly stopColumn: string;
  readonly createEmpty: boolean;
}

/** Cuts tables into windows of time; the window's bounds become part of the key. */
export const windowKind = operatorKind<WindowSpec>(
  {
    name: "window",
    rowwise: false,
    reads: ({ timeColumn }, wanted) => passing(wanted, timeColumn),
    describe: (spec) => (isEndless(spec) ? "inf" : formatDuration(spec.every)),
  },
  (spec, out, context) => {
    const bounds = windowBounds(context);
    const cutter = new WindowCutter(spec, bounds, {
      createEmpty: spec.createEmpty,
      outside: "share",
    });
    const regrouping = new Regrouping(context.wanted);
    const names = { start: spec.startColumn, stop: spec.stopColumn };
    const whole = new WholeBatches();
    let ended = false;
    return {
      push: (batch) => whole.add(batch),
      finish: () => void (ended = true),
      *steps() {
        for (const batch of whole.take()) {
          if (batch === undefined || bounds.start >= bounds.stop) yield;
          else {
            const cut = windowBatch(batch, yield* cutter.cut(batch, spec.timeColumn), names);
            yield;
            for (const piece of pieces(cut, pieceRows)) {
              if (piece.tableEnds.length > 0) regrouping.add(piece, ({ key }) => key);
              yield;
            }
          }
        }
        if (!ended) return;
        ended = false;
        yield* pushing(out, regrouping.batches());
      },
    };
  },
);

/** The bounds that windows are clipped to: those of the `range` before. */
export function windowBounds(context: OperatorContext): TimeBounds {
  const bounds = boundsOf(context.node);
  if (bounds !== undefined) return bounds;
  throw invalid(
    "nil bounds passed to window; use range to set the window range",
    "windows are cut to the range that is asked for: put a call of range before",
  );
}
