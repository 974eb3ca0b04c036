import {
  type Batch,
  type Column,
  columnBuilder,
  type FlatColumn,
  PlainBuilder,
} from "@tocsin/data/column";
import {
  type ColumnKind,
  FALSE,
  type FunctionValue,
  type Raw,
  Scope,
  TRUE,
  type Value,
} from "@tocsin/data/value";
import { parse } from "@tocsin/language/syntax";
import { evaluate } from "@tocsin/engine/expression";

/** The value of a Flux expression; `names` are in scope besides `true` and `false`. */
export function valueOf(source: string, names: Readonly<Record<string, Value>> = {}): Value {
  const { file, diagnostics } = parse(`it = ${source}`, "test.flux");
  if (diagnostics.length > 0) throw new Error(`${source}: ${diagnostics[0].message}`);
  const scope = new Scope();
  scope.define("true", TRUE);
  scope.define("false", FALSE);
  for (const [name, value] of Object.entries(names)) scope.define(name, value);
  const [statement] = file.body;
  if (statement.kind !== "VariableAssignment") throw new Error(`not an expression: ${source}`);
  return evaluate(statement.value, scope, { name: "test.flux", text: file.source.text }) as Value;
}

export function functionOf(
  source: string,
  names: Readonly<Record<string, Value>> = {},
): FunctionValue {
  const value = valueOf(source, names);
  if (value.kind !== "function") throw new Error(`not a function: ${source}`);
  return value;
}

/** How a column is to be made: by default flat; `plain` strings are not in a dictionary. */
export interface Cells {
  readonly kind: ColumnKind;
  readonly cells: readonly Raw[];
  readonly form?: "key" | "plain";
}

/** A batch from columns; key columns have one cell for each table. */
export function batchOf(
  columns: Readonly<Record<string, Cells>>,
  tableEnds: readonly number[],
): Batch {
  const entries = Object.entries(columns);
  return {
    schema: entries.map(([label, { kind, form }]) => ({ label, kind, key: form === "key" })),
    columns: entries.map(([, cells]): Column => {
      const values = columnOf(cells);
      return cells.form === "key" ? { kind: cells.kind, form: "table", values } : values;
    }),
    rows: tableEnds.length === 0 ? 0 : tableEnds[tableEnds.length - 1],
    tableEnds: Uint32Array.from(tableEnds),
    open: false,
  };
}

function columnOf({ kind, cells, form }: Cells): FlatColumn {
  const builder =
    form === "plain" ? new PlainBuilder(cells.length) : columnBuilder(kind, cells.length);
  for (const cell of cells) builder.append(cell);
  return builder.finish();
}
