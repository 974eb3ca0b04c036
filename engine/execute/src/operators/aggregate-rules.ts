import { type Duration, equalDurations, isZeroDuration } from "@tocsin/data/value";
import {
  isKind,
  type LogicalNode,
  type NodeKind,
  type PlanView,
  pooledPoints,
  type Rule,
  type StorageAggregate,
  type StoragePool,
} from "@tocsin/engine/plan";
import { isEndless } from "../windows.ts";
import { aggregateWindowKind } from "./aggregate-window.ts";
import {
  type ColumnChoice,
  countKind,
  meanKind,
  pooledCountKind,
  pooledMeanKind,
  sumKind,
} from "./aggregates.ts";
import { fromKind } from "./from.ts";
import { groupKind } from "./group.ts";
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

/** A bucket that can leaves out or puts together rows before they are grouped and aggregated. */
export const groupAggregateIntoBucket: Rule = {
  name: "influxdata/influxdb.PushDownGroupAggregate",
  phase: "physical",
  apply(node, plan) {
    const name = storageNames.get(node.kind);
    if (name === undefined || (node.spec as ColumnChoice).column !== "_value") return undefined;
    const inputs = pooledInputs(node, plan, { function: name });
    return inputs && { ...node, inputs, kind: ofPooled.get(node.kind) ?? node.kind };
  },
};

/** The same before `aggregateWindow`. */
export const groupWindowIntoBucket: Rule = {
  name: "tocsin/PushDownGroupWindowAggregate",
  phase: "physical",
  apply(node, plan) {
    if (!isKind(node, aggregateWindowKind)) return undefined;
    const { aggregate, chosen, window } = node.spec;
    const name = storageNames.get(aggregate as NodeKind);
    if (name === undefined || chosen.column !== "_value" || !isPlain(window)) return undefined;
    const { every, offset } = window;
    const cut = { every: every.nanoseconds, offset: signed(offset) };
    const inputs = pooledInputs(node, plan, { function: name, window: cut });
    const kind = (ofPooled.get(aggregate as NodeKind) ?? aggregate) as typeof aggregate;
    return inputs && { ...node, inputs, spec: { ...node.spec, aggregate: kind } };
  },
};

/** What does the same with rows that may stand for several points. */
const ofPooled: ReadonlyMap<NodeKind, NodeKind> = new Map<NodeKind<never>, NodeKind<never>>([
  [countKind, pooledCountKind],
  [meanKind, pooledMeanKind],
]) as ReadonlyMap<NodeKind, NodeKind>;

/** The inputs of `node` when they are a `group` of a bucket's rows, with the bucket told what comes. */
function pooledInputs(
  node: LogicalNode,
  plan: PlanView,
  pool: Omit<StoragePool, "columns">,
): readonly LogicalNode[] | undefined {
  const [group] = node.inputs;
  if (!isKind(group, groupKind) || group.spec.mode !== "by" || plan.readers(group) > 1)
    return undefined;
  const [from] = group.inputs;
  if (!isKind(from, fromKind) || plan.readers(from) > 1) return undefined;
  const { range, aggregate, pool: pooled } = from.spec;
  if (range === undefined || aggregate !== undefined || pooled !== undefined) return undefined;
  const { columns } = group.spec;
  if (columns.some((label) => ofPoints.has(label))) return undefined;
  return [{ ...group, inputs: [{ ...from, spec: { ...from.spec, pool: { ...pool, columns } } }] }];
}

/** Columns that differ from point to point. */
const ofPoints: ReadonlySet<string> = new Set(["_time", "_value", pooledPoints]);

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
