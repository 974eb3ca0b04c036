import {
  type Batch,
  batchesOf,
  columnBuilder,
  type ColumnBuilder,
  compareKeys,
  type FlatColumn,
  type GroupKey,
  keyText,
  type Schema,
  type Table,
  tableFrom,
} from "@tocsin/data/column";
import { FluxError, type ColumnKind } from "@tocsin/data/value";

interface Group {
  readonly key: GroupKey;
  readonly order: string[];
  readonly builders: Map<string, ColumnBuilder>;
  rows: number;
}

/**
 * Collects rows under keys, so that each key has one table however many came with it. Columns that a
 * table lacks get no value; a column that comes with two types is an error.
 */
export class TableSet {
  readonly #groups = new Map<string, Group>();

  /** The rows `from .. to` of `columns` (flat, without the key's own columns) under `key`. */
  add(
    key: GroupKey,
    schema: Schema,
    columns: readonly FlatColumn[],
    from: number,
    to: number,
  ): void {
    const group = this.#group(key, schema);
    schema.forEach((spec, i) => {
      if (key.labels.includes(spec.label)) return;
      const builder = builderOf(group, spec.label, spec.kind);
      for (let row = from; row < to; row++) builder.appendFrom(columns[i], row);
    });
    group.rows += to - from;
    for (const builder of group.builders.values())
      while (builder.rows < group.rows) builder.append(null);
  }
  get size(): number {
    return this.#groups.size;
  }
  /** All tables; `sorted` by key, else in the order in which their keys came. */
  tables(sorted = true): Table[] {
    const groups = [...this.#groups.values()];
    if (sorted) groups.sort((a, b) => compareKeys(a.key, b.key));
    return groups.map(({ key, order, builders, rows }) => {
      const columns = [...builders].map(([label, builder]) => ({
        label,
        column: builder.finish(),
      }));
      return tableFrom(key, columns, { order, rows });
    });
  }
  /** As `tables`, in batches. */
  batches(sorted = true): Batch[] {
    return batchesOf(this.tables(sorted));
  }
  #group(key: GroupKey, schema: Schema): Group {
    const text = keyText(key);
    let group = this.#groups.get(text);
    if (group === undefined) {
      group = { key, order: [], builders: new Map(), rows: 0 };
      this.#groups.set(text, group);
    }
    for (const { label } of schema) if (!group.order.includes(label)) group.order.push(label);
    for (const label of key.labels) if (!group.order.includes(label)) group.order.push(label);
    return group;
  }
}

function builderOf(group: Group, label: string, kind: ColumnKind): ColumnBuilder {
  const found = group.builders.get(label);
  if (found !== undefined && found.kind !== kind) {
    throw new FluxError(
      "failed precondition",
      `schema collision detected: column "${label}" is both of type ${found.kind} and ${kind}`,
    );
  }
  if (found !== undefined) return found;
  const builder = columnBuilder(kind);
  for (let row = 0; row < group.rows; row++) builder.append(null);
  group.builders.set(label, builder);
  return builder;
}
