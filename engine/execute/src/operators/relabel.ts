import { type Batch, indexOf, type Schema } from "@tocsin/data/column";
import { FluxError, type FunctionValue, invalid } from "@tocsin/data/value";
import { type ColumnNames, passing, without } from "@tocsin/engine/plan";
import {
  callOnLabel,
  constantColumn,
  flatAt,
  inKey,
  noSuchColumn,
  replacing,
  withColumn,
} from "../column-change.ts";
import type { OperatorContext } from "../operator.ts";
import { operatorKind, perBatchKind } from "../per-batch.ts";

/** Old names and the new ones, or a function from old to new. */
export type Renaming =
  | { readonly columns: readonly (readonly [from: string, to: string])[] }
  | { readonly fn: FunctionValue };

/** Gives columns other names, also those of the key. */
export const renameKind = perBatchKind<Renaming>(
  {
    name: "rename",
    rowwise: true,
    readsCells: (spec, wanted) =>
      "columns" in spec ? namedBefore(spec.columns, wanted) : undefined,
    describe: (spec) =>
      "columns" in spec
        ? spec.columns.map(([from, to]) => `${from} to ${to}`).join(", ")
        : "by function",
  },
  (spec, context) => (batch) => {
    const schema = renamed(batch, spec, context);
    schema.forEach(({ label }, i) => {
      const at = indexOf(schema, label);
      if (at === i) return;
      throw new FluxError(
        "failed precondition",
        `rename: column ${at} and ${i} have the same name ("${label}") which is not allowed`,
      );
    });
    return { ...batch, schema };
  },
);

/** The names that the wanted columns have before they are renamed. */
function namedBefore(
  columns: readonly (readonly [from: string, to: string])[],
  wanted: ColumnNames,
): ColumnNames {
  const names = new Map(columns.map(([from, to]) => [to, from]));
  return wanted && new Set([...wanted].map((label) => names.get(label) ?? label));
}

function renamed(batch: Batch, spec: Renaming, context: OperatorContext): Schema {
  const { schema } = batch;
  if ("fn" in spec) {
    return schema.map((one) => {
      const value = callOnLabel("rename", spec.fn, one.label, context);
      if (value.kind === "string") return { ...one, label: value.value };
      throw invalid(`rename: the function made no string of the name "${one.label}"`);
    });
  }
  for (const [from] of spec.columns) {
    if (indexOf(schema, from) < 0)
      throw noSuchColumn(`rename: rename error: column "${from}" doesn't exist`, batch);
  }
  const names = new Map(spec.columns);
  return schema.map((one) => ({ ...one, label: names.get(one.label) ?? one.label }));
}

/** `column` is copied under the name `as`, and replaces a column of that name. */
interface DuplicateSpec {
  readonly column: string;
  readonly as: string;
}

/** Copies a column. A key column that is replaced leaves the key, unless the copied column is in the key, too. */
export const duplicateKind = operatorKind<DuplicateSpec>(
  {
    name: "duplicate",
    rowwise: true,
    readsCells: ({ column, as }, wanted) =>
      wanted?.has(as) === true ? passing(without(wanted, as), column) : wanted,
    describe: ({ column, as }) => `${column} as ${as}`,
  },
  (spec, out) => replacing(out, inKey(spec.as), (batch) => duplicated(batch, spec)),
);

function duplicated(batch: Batch, { column, as }: DuplicateSpec): Batch {
  const from = indexOf(batch.schema, column);
  if (from < 0)
    throw noSuchColumn(`duplicate: duplicate error: column "${column}" doesn't exist`, batch);
  const to = indexOf(batch.schema, as);
  const key = to >= 0 && batch.schema[to].key && batch.schema[from].key;
  const copy = { label: as, kind: batch.schema[from].kind, key };
  return withColumn(batch, copy, key ? batch.columns[from] : flatAt(batch, from));
}

/** The column `key` gets `value` in all rows. */
interface SetSpec {
  readonly key: string;
  readonly value: string;
}

/** Gives a column one string in all rows. If it is in the key, tables that differ only there become one. */
export const setKind = operatorKind<SetSpec>(
  {
    name: "set",
    rowwise: true,
    readsCells: ({ key }, wanted) => without(wanted, key),
    describe: ({ key }) => key,
  },
  (spec, out) => replacing(out, inKey(spec.key), (batch) => assigned(batch, spec)),
);

function assigned(batch: Batch, { key: label, value }: SetSpec): Batch {
  const at = indexOf(batch.schema, label);
  const key = at >= 0 && batch.schema[at].key;
  const values = constantColumn("string", value, key ? batch.tableEnds.length : batch.rows);
  const spec = { label, kind: "string", key } as const;
  return withColumn(batch, spec, key ? { kind: "string", form: "table", values } : values);
}
