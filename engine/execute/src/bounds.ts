import { addDuration } from "@tocsin/data/value";
import { isKind, type LogicalNode, nodesOf } from "@tocsin/engine/plan";
import { fromKind } from "./operators/from.ts";
import { rangeKind } from "./operators/range.ts";
import { timeShiftKind } from "./operators/time-shift.ts";

/** Nanoseconds since the epoch; `stop` is exclusive. */
export interface TimeBounds {
  readonly start: bigint;
  readonly stop: bigint;
}

const nothing: TimeBounds = { start: 0n, stop: 0n };

/**
 * The bounds that `range` gave to the rows of a node; undefined when no `range` lies before it.
 * Nested ranges intersect, streams that meet have the hull of their bounds, `timeShift` moves them.
 */
export function boundsOf(node: LogicalNode): TimeBounds | undefined {
  const found = new Map<LogicalNode, TimeBounds | undefined>();
  for (const one of nodesOf([{ name: "", node }])) {
    const before = one.inputs.map((input) => found.get(input)).reduce(hull, undefined);
    found.set(one, after(one, before));
  }
  return found.get(node);
}

function after(node: LogicalNode, before: TimeBounds | undefined): TimeBounds | undefined {
  if (isKind(node, fromKind)) return node.spec.range;
  if (isKind(node, timeShiftKind) && before !== undefined) {
    const { duration } = node.spec;
    return { start: addDuration(before.start, duration), stop: addDuration(before.stop, duration) };
  }
  if (!isKind(node, rangeKind)) return before;
  const { start, stop } = node.spec;
  if (before === undefined) return { start, stop };
  if (stop <= before.start || before.stop <= start) return nothing;
  return {
    start: start > before.start ? start : before.start,
    stop: stop < before.stop ? stop : before.stop,
  };
}

function hull(a: TimeBounds | undefined, b: TimeBounds | undefined): TimeBounds | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return { start: a.start < b.start ? a.start : b.start, stop: a.stop > b.stop ? a.stop : b.stop };
}
