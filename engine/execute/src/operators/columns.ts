import type { Batch } from "@tocsin/data/column";
import type { FunctionValue } from "@tocsin/data/value";
import { callOnLabel, keyChanging } from "../column-change.ts";
import type { OperatorContext, OperatorKind } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";

/** Columns by name, or a function that says for each name whether it is meant. */
export type ColumnsChosen =
  | { readonly columns: readonly string[] }
  | { readonly fn: FunctionValue };

/** Keeps only some columns. Tables that differ only in key columns that are lost become one. */
export const keepKind = pickKind("keep", true);
/** Drops some columns. Tables that differ only in key columns that are lost become one. */
export const dropKind = pickKind("drop", false);

function pickKind(name: string, keep: boolean): OperatorKind<ColumnsChosen> {
  return operatorKind<ColumnsChosen>(
    {
      name,
      rowwise: true,
      reads(spec, wanted) {
        if (!("columns" in spec)) return undefined;
        const named = new Set(spec.columns);
        if (wanted === undefined) return keep ? named : undefined;
        // A reader that misses a dropped column names those that are there: then all are read.
        return [...wanted].every((label) => named.has(label) === keep) ? wanted : undefined;
      },
      describe: describeChosen,
    },
    (spec, out, context) => {
      const chosen = chooser(name, spec, context);
      return keyChanging(out, (batch) => {
        const at = batch.schema.flatMap((one, i) => (chosen(one.label) === keep ? [i] : []));
        const losesKey = batch.schema.some((one, i) => one.key && !at.includes(i));
        return { batch: onlyColumns(batch, at), losesKey };
      });
    },
  );
}

function describeChosen(spec: ColumnsChosen): string {
  return "columns" in spec ? spec.columns.join(", ") : "by function";
}

function chooser(
  name: string,
  spec: ColumnsChosen,
  context: OperatorContext,
): (label: string) => boolean {
  if ("columns" in spec) {
    const named = new Set(spec.columns);
    return (label) => named.has(label);
  }
  const known = new Map<string, boolean>();
  return (label) => {
    const before = known.get(label);
    if (before !== undefined) return before;
    const value = callOnLabel(name, spec.fn, label, context);
    const chosen = value.kind === "bool" && value.value;
    known.set(label, chosen);
    return chosen;
  };
}

function onlyColumns(batch: Batch, at: readonly number[]): Batch {
  const schema = at.map((i) => batch.schema[i]);
  return { ...batch, schema, columns: at.map((i) => batch.columns[i]) };
}
