import { type ColumnNames, type LogicalNode, type LogicalPlan, nodesOf } from "./node.ts";

/**
 * Which columns of each node's rows are read, beside those of the group key: a source need not make the others. All
 * columns of a result are read.
 */
export function columnsRead(plan: LogicalPlan): ReadonlyMap<LogicalNode, ColumnNames> {
  return wantedOf(plan, ({ kind, spec }, wanted) => kind.reads?.(spec, wanted));
}

/** Of these, the columns whose cells are looked at; of the others it only matters that they are there. */
export function cellsRead(plan: LogicalPlan): ReadonlyMap<LogicalNode, ColumnNames> {
  return wantedOf(plan, ({ kind, spec }, wanted) =>
    kind.readsCells === undefined ? kind.reads?.(spec, wanted) : kind.readsCells(spec, wanted),
  );
}

function wantedOf(
  plan: LogicalPlan,
  readBy: (node: LogicalNode, wanted: ColumnNames) => ColumnNames,
): ReadonlyMap<LogicalNode, ColumnNames> {
  const wanted = new Map<LogicalNode, ColumnNames>();
  const want = (node: LogicalNode, columns: ColumnNames): void => {
    wanted.set(node, wanted.has(node) ? both(wanted.get(node), columns) : columns);
  };
  for (const { node } of plan.results) want(node, undefined);
  for (const node of nodesOf(plan.results).toReversed()) {
    const columns = readBy(node, wanted.get(node));
    for (const input of node.inputs) want(input, columns);
  }
  return wanted;
}

/** The columns of both; all, if one of them is all. */
export function both(one: ColumnNames, other: ColumnNames): ColumnNames {
  return one === undefined || other === undefined ? undefined : new Set([...one, ...other]);
}

/** The columns without those that need not be read, as they are made or left out. */
export function without(wanted: ColumnNames, ...labels: readonly string[]): ColumnNames {
  return wanted === undefined
    ? undefined
    : new Set([...wanted].filter((label) => !labels.includes(label)));
}

/** What a kind reads that looks at some columns and passes on those that are wanted. */
export function passing(wanted: ColumnNames, ...looked: readonly string[]): ColumnNames {
  return both(wanted, new Set(looked));
}
