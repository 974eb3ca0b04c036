import {
  columnBuilder,
  type ColumnBuilder,
  EMPTY_KEY,
  type Table,
  tableFrom,
} from "@tocsin/data/column";
import {
  type ArrayValue,
  type ColumnKind,
  FluxError,
  invalid,
  isColumnKind,
  kindName,
  type RecordValue,
  unboxed,
  type Value,
} from "@tocsin/data/value";
import type { SourceKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

/** One table that the script itself holds. */
const arrayFromKind: SourceKind<{ readonly table: Table }> = {
  name: "array.from",
  rowwise: false,
  source: true,
  describe: ({ table }) => `${table.rows} ${table.rows === 1 ? "row" : "rows"}`,
  open: ({ table }) => ({ run: (push) => push(table) }),
};

/**
 * A table without group key from records. A column is there when any record has it, in the order of
 * first appearance; a column of which no value's type is known is left out.
 */
function tableOfRecords(rows: ArrayValue): Table {
  const kinds = new Map<string, ColumnKind | undefined>();
  const records = rows.elements.map(recordOf);
  for (const { fields } of records) {
    for (const [label, value] of fields) {
      const known = kinds.get(label);
      const kind = kindOf(label, value);
      if (known !== undefined && kind !== undefined && kind !== known) {
        throw invalid(
          `array.from: column "${label}" is both of type ${known} and ${kind}`,
          "all rows must have the same type in a column",
        );
      }
      kinds.set(label, known ?? kind);
    }
  }
  const builders = new Map<string, ColumnBuilder>();
  for (const [label, kind] of kinds)
    if (kind !== undefined) builders.set(label, columnBuilder(kind, records.length));
  for (const { fields } of records)
    for (const [label, builder] of builders) builder.append(cellOf(fields.get(label)));
  const columns = [...builders].map(([label, builder]) => ({ label, column: builder.finish() }));
  return tableFrom(EMPTY_KEY, columns, { rows: records.length });
}

function recordOf(row: Value): RecordValue {
  if (row.kind === "record") return row;
  throw invalid(`row data must be an array of records, got ${kindName(row)}`);
}

function kindOf(label: string, value: Value): ColumnKind | undefined {
  const kind = value.kind === "null" ? value.of : value.kind;
  if (kind === undefined || isColumnKind(kind)) return kind;
  throw new FluxError(
    "invalid",
    `cannot represent the type ${kindName(value)} as column data (column "${label}")`,
    { hint: "convert it first, for example with string(v:), int(v:) or display(v:)" },
  );
}

function cellOf(value: Value | undefined) {
  return value === undefined ? null : (unboxed(value) ?? null);
}

export const from = transformation({
  name: "from",
  type: "(<-rows: [A]) => stream[A] where A: Record",
  docs:
    "One table from an array of records: a row of each record, a column of each field. The table has no " +
    "group key. `rows` must not be empty.",
  example: `import "array"
array.from(rows: [{host: "a", _value: 1.5}, {host: "b", _value: 2.5}])`,
  kind: arrayFromKind,
  inputs: () => [],
  spec: (args) => {
    const rows = args.array("rows");
    if (rows.elements.length === 0) throw invalid("rows must be non-empty");
    return { table: tableOfRecords(rows) };
  },
});
