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

/** What the last assignment of a script gives; `names` are in scope besides `true` and `false`. */
export function resultOf(source: string, names: Readonly<Record<string, Value>> = {}): Value {
  const { file, diagnostics } = parse(source, "test.flux");
  if (diagnostics.length > 0) throw new Error(`${source}: ${diagnostics[0].message}`);
  const scope = new Scope();
  scope.define("true", TRUE);
  scope.define("false", FALSE);
  for (const [name, value] of Object.entries(names)) scope.define(name, value);
  const text = { name: "test.flux", text: source };
  let result: Value = FALSE;
  for (const statement of file.body) {
    if (statement.kind !== "VariableAssignment") throw new Error(`not an assignment: ${source}`);
    const { name } = statement.name;
    result = evaluate(statement.value, scope, text, name) as Value;
    scope.define(name, result);
  }
  return result;
}

/** The value of one expression. */
export const valueOf = (source: string, names: Readonly<Record<string, Value>> = {}): Value =>
  resultOf(`it = ${source}`, names);

/** A function, written as an expression or as the last assignment of a script. */
export function functionOf(
  source: string,
  names: Readonly<Record<string, Value>> = {},
): FunctionValue {
  const value = resultOf(source.startsWith("(") ? `it = ${source}` : source, names);
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
