import { type LogicalNode, nodesOf, type TimeBounds } from "@tocsin/engine/plan";

/**
 * The bounds that `range` has given to the rows of a node; undefined if no `range` comes before it. Nested ranges
 * intersect, streams that meet get the hull of their bounds, and `timeShift` moves them.
 */
export function boundsOf(node: LogicalNode): TimeBounds | undefined {
  const found = new Map<LogicalNode, TimeBounds | undefined>();
  for (const one of nodesOf([{ name: undefined, node }])) {
    const before = one.inputs.map((input) => found.get(input)).reduce(hull, undefined);
    const { kind, spec } = one;
    found.set(one, kind.bounds === undefined ? before : kind.bounds(spec, before));
  }
  return found.get(node);
}

function hull(a: TimeBounds | undefined, b: TimeBounds | undefined): TimeBounds | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return { start: a.start < b.start ? a.start : b.start, stop: a.stop > b.stop ? a.stop : b.stop };
}
