import { type Duration, equalDurations, isZeroDuration } from "@tocsin/data/value";
import {
  isKind,
  type LogicalNode,
  type NodeKind,
  type Rule,
  type StorageAggregate,
} from "@tocsin/engine/plan";
import { isEndless } from "../windows.ts";
import { aggregateWindowKind } from "./aggregate-window.ts";
import { type ColumnChoice, countKind, meanKind, sumKind } from "./aggregates.ts";
import { fromKind } from "./from.ts";
import { firstKind, lastKind, maxKind, minKind } from "./selectors.ts";
import type { WindowSpec } from "./window.ts";

/** What storage calls the steps that it can do. */
const storageNames: ReadonlyMap<NodeKind, StorageAggregate["function"]> = new Map<
  NodeKind<never>,
  StorageAggregate["function"]
>([
  [firstKind, "first"],
  [lastKind, "last"],
  [minKind, "min"],
  [maxKind, "max"],
  [sumKind, "sum"],
  [countKind, "count"],
  [meanKind, "mean"],
]) as ReadonlyMap<NodeKind, StorageAggregate["function"]>;

/** A bucket that can makes one row of each series itself. */
export const aggregateIntoBucket: Rule = {
  name: "influxdata/influxdb.PushDownBareAggregate",
  phase: "physical",
  apply(node) {
    const name = storageNames.get(node.kind);
    if (name === undefined || (node.spec as ColumnChoice).column !== "_value") return undefined;
    return intoBucket(node, { function: name });
  },
};

/** A bucket that can makes one row of each window of a series itself. */
export const aggregateWindowIntoBucket: Rule = {
  name: "influxdata/influxdb.PushDownWindowAggregate",
  phase: "physical",
  apply(node) {
    if (!isKind(node, aggregateWindowKind)) return undefined;
    const { aggregate, chosen, timeFrom, window } = node.spec;
    const name = storageNames.get(aggregate as NodeKind);
    if (name === undefined || chosen.column !== "_value" || timeFrom !== "_stop") return undefined;
    if (!isPlain(window)) return undefined;
    return intoBucket(node, {
      function: name,
      window: {
        every: window.every.nanoseconds,
        offset: signed(window.offset),
        createEmpty: window.createEmpty,
      },
    });
  },
};

function intoBucket(node: LogicalNode, aggregate: StorageAggregate): LogicalNode | undefined {
  const [input] = node.inputs;
  if (!isKind(input, fromKind) || input.spec.range === undefined) return undefined;
  if (input.spec.aggregate !== undefined) return undefined;
  const spec = { ...input.spec, aggregate, otherwise: node };
  return { ...input, id: node.id, at: node.at, spec };
}

/** Storage knows windows of fixed length on UTC that follow each other without gaps. */
function isPlain(window: WindowSpec): boolean {
  const { every, period, offset, location } = window;
  return (
    !isEndless(window) &&
    every.months === 0n &&
    offset.months === 0n &&
    equalDurations(every, period) &&
    (location.zone === "UTC" || location.zone === "") &&
    isZeroDuration(location.offset)
  );
}

function signed({ nanoseconds, negative }: Duration): bigint {
  return negative ? -nanoseconds : nanoseconds;
}
