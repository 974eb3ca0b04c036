import {
  batchesOf,
  cellAt,
  compareKeys,
  expand,
  type GroupKey,
  indexOf,
  keyText,
  type Table,
  TableBuilder,
  tableKey,
} from "@tocsin/data/column";
import {
  boxed,
  compareUtf8,
  type FunctionValue,
  invalid,
  isColumnKind,
  kindName,
  type RecordValue,
  unboxed,
} from "@tocsin/data/value";
import { rowValue, equal } from "@tocsin/engine/expression";
import {
  missingColumn,
  type Operator,
  type OperatorContext,
  operatorKind,
  type Outlet,
  TableCollector,
} from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

interface JoinSpec {
  readonly fn: FunctionValue;
}

/** Joins rows of equal time from tables of equal key; the function makes the new row. */
const joinKind = operatorKind<JoinSpec>(
  { name: "experimental.join", rowwise: false },
  ({ fn }, out, context) => new TimeJoin(fn, out, context),
);

class TimeJoin implements Operator {
  readonly #fn: FunctionValue;
  readonly #out: Outlet;
  readonly #context: OperatorContext;
  readonly #sides = [new Map<string, Table>(), new Map<string, Table>()] as const;
  readonly #collectors = this.#sides.map(
    (side) => new TableCollector((table) => void side.set(keyText(tableKey(table)), table)),
  );
  #open = 2;

  constructor(fn: FunctionValue, out: Outlet, context: OperatorContext) {
    this.#fn = fn;
    this.#out = out;
    this.#context = context;
  }
  push(batch: Table, port: number): void {
    this.#collectors[port].add(batch);
  }
  finish(): void {
    this.#open -= 1;
  }
  async work(): Promise<void> {
    if (this.#open !== 0) return;
    this.#open = -1;
    const [left, right] = this.#sides;
    const made: Table[] = [];
    for (const [text, table] of left) {
      const other = right.get(text);
      const joined = other === undefined ? undefined : await this.#join(table, other);
      if (joined !== undefined) made.push(joined);
    }
    made.sort((a, b) => compareKeys(tableKey(a), tableKey(b)));
    for (const batch of batchesOf(made)) this.#out.push(batch);
  }

  /** Undefined when no time is in both tables. */
  async #join(left: Table, right: Table): Promise<Table | undefined> {
    const key = tableKey(left);
    const partners = rowsByTime(right);
    let builder: TableBuilder | undefined;
    for (const [time, rows] of rowsByTime(left)) {
      for (const row of rows) {
        for (const other of partners.get(time) ?? []) {
          const record = await this.#row(rowValue(left, row, 0), rowValue(right, other, 0));
          checkKey(record, key);
          builder ??= builderFor(record, key);
          builder.add(cellsOf(record));
        }
        if (this.#context.host.loop.due()) await this.#context.host.loop.turn();
      }
    }
    return builder?.finish();
  }
  async #row(left: RecordValue, right: RecordValue): Promise<RecordValue> {
    const args = new Map([
      ["left", left],
      ["right", right],
    ]);
    const value = await this.#context.rows.call(this.#fn, args);
    if (value.kind === "record") return value;
    throw invalid(`experimental.join: fn should return a record, but returns ${kindName(value)}`);
  }
}

function rowsByTime(table: Table): Map<bigint, number[]> {
  const at = indexOf(table.schema, "_time");
  if (at < 0) throw missingColumn("experimental.join", "_time", table.schema);
  const times = expand(table.columns[at], table.tableEnds);
  const rows = new Map<bigint, number[]>();
  for (let row = 0; row < table.rows; row++) {
    const time = cellAt(times, row);
    if (typeof time !== "bigint") continue;
    const there = rows.get(time);
    if (there === undefined) rows.set(time, [row]);
    else there.push(row);
  }
  return rows;
}

function checkKey({ fields }: RecordValue, key: GroupKey): void {
  key.labels.forEach((label, i) => {
    const value = fields.get(label);
    const before = boxed(key.kinds[i], key.cells[i]);
    const same =
      value !== undefined &&
      (value.kind === "null" ? before.kind === "null" : equal(value, before));
    if (!same) {
      throw invalid(
        "argument 'fn' may not modify group key",
        `the record that fn returns must have "${label}" as it is in both rows`,
      );
    }
  });
}

/** Columns in the order of their names; those of which only a null without a type is known are left out. */
function builderFor({ fields }: RecordValue, key: GroupKey): TableBuilder {
  const schema = [...fields]
    .sort(([a], [b]) => compareUtf8(a, b))
    .flatMap(([label, value]) => {
      const kind = value.kind === "null" ? value.of : value.kind;
      if (kind === undefined) return [];
      if (isColumnKind(kind)) return [{ label, kind, key: key.labels.includes(label) }];
      throw invalid(`experimental.join: no column can hold ${kindName(value)} ("${label}")`);
    });
  return new TableBuilder(key, schema);
}

function cellsOf({ fields }: RecordValue) {
  return Object.fromEntries([...fields].map(([label, value]) => [label, unboxed(value) ?? null]));
}

export const join = transformation({
  name: "join",
  type: `(left: stream[A], right: stream[B], fn: (left: A, right: B) => C) => stream[C]
    where A: Record, B: Record, C: Record`,
  docs:
    "Joins rows of two streams that have the same `_time` and the same group key: `fn` makes the new row of the " +
    "two, and must leave the group key as it is.",
  example: `import "experimental"
import "sampledata"
experimental.join(
    left: sampledata.int(),
    right: sampledata.float(),
    fn: (left, right) => ({left with exact: right._value}),
)`,
  kind: joinKind,
  inputs: (args) => [args.stream("left"), args.stream("right")],
  spec: (args) => ({ fn: args.func("fn") }),
});
