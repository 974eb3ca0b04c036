import {
  type Batch,
  batchesOf,
  cellAt,
  columnBuilder,
  expand,
  type FlatColumn,
  type GroupKey,
  indexOf,
  keyText,
  type Table,
  tableFrom,
  tableKey,
} from "@tocsin/data/column";
import { type ColumnKind, FluxError } from "@tocsin/data/value";
import {
  type Operator,
  operatorKind,
  type Outlet,
  Regrouping,
  TableCollector,
} from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { editScript } from "./edit-script.ts";

/** Floats that are not further apart count as equal. */
const EPSILON = 1e-6;
const MARK = "_diff";

/** Compares two streams, `got` and `want`, table by table. */
export const diffKind = operatorKind<Record<string, never>>(
  { name: "diff", rowwise: false },
  (_spec, out) => new Diff(out),
);

/** A column of which one side may have no cells. */
interface Pair {
  readonly label: string;
  readonly kind: ColumnKind;
  readonly want: FlatColumn | undefined;
  readonly got: FlatColumn | undefined;
}

class Diff implements Operator {
  readonly #out: Outlet;
  readonly #sides = [new Side(), new Side()] as const;
  #open = 2;

  constructor(out: Outlet) {
    this.#out = out;
  }
  push(batch: Batch, port: number): void {
    this.#sides[port].add(batch);
  }
  finish(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    const [gotSide, wantSide] = this.#sides;
    const got = gotSide.tables();
    const want = wantSide.tables();
    const tables: Table[] = [];
    for (const text of new Set([...want.keys(), ...got.keys()])) {
      const table = difference(want.get(text), got.get(text));
      if (table !== undefined) tables.push(table);
    }
    for (const batch of batchesOf(tables)) this.#out.push(batch);
  }
}

/** The tables of one stream by key. A key that comes twice makes one table. */
class Side {
  readonly #regrouping = new Regrouping();

  add(batch: Batch): void {
    this.#regrouping.add(batch, ({ key }) => key);
  }
  tables(): Map<string, Table> {
    const tables = new Map<string, Table>();
    const collector = new TableCollector((table) => tables.set(keyText(tableKey(table)), table));
    for (const batch of this.#regrouping.batches(false))
      if (batch !== undefined) collector.add(batch);
    return tables;
  }
}

/** What differs in two tables of one key; a missing table counts as empty. Undefined: nothing. */
function difference(want: Table | undefined, got: Table | undefined): Table | undefined {
  const some = want ?? got;
  if (some === undefined) return undefined;
  const key = tableKey(some);
  if (key.labels.includes(MARK))
    throw new FluxError("failed precondition", "group key cannot contain _diff column");
  const pairs = pairsOf(key, want, got);
  const [wantRows, gotRows] = [rowsOf(want), rowsOf(got)];
  const equal = (w: number, g: number): boolean => pairs.every((pair) => sameCell(pair, w, g));
  if (wantRows === gotRows && allEqual(wantRows, equal)) return undefined;
  const steps = editScript(wantRows, gotRows, equal);
  const marks = columnBuilder("string", steps.length);
  for (const { mark } of steps) marks.append(mark);
  const columns = pairs.map(({ label, kind, want: wanted, got: gotten }) => {
    const builder = columnBuilder(kind, steps.length);
    for (const { mark, row } of steps) {
      const column = mark === "+" ? gotten : wanted;
      if (column === undefined) builder.append(null);
      else builder.appendFrom(column, row);
    }
    return { label, column: builder.finish() };
  });
  const order = [MARK, ...key.labels, ...pairs.map(({ label }) => label)];
  return tableFrom(key, [{ label: MARK, column: marks.finish() }, ...columns], {
    order,
    rows: steps.length,
  });
}

/** A table without columns has no rows, whatever it says. */
function rowsOf(table: Table | undefined): number {
  return table === undefined || table.schema.length === 0 ? 0 : table.rows;
}

function allEqual(rows: number, equal: (w: number, g: number) => boolean): boolean {
  for (let row = 0; row < rows; row++) if (!equal(row, row)) return false;
  return true;
}

/** The columns outside the key: those of `want` first, then those that only `got` has. */
function pairsOf(key: GroupKey, want: Table | undefined, got: Table | undefined): Pair[] {
  const labels = new Set<string>();
  for (const table of [want, got]) {
    for (const { label } of table?.schema ?? [])
      if (label !== MARK && !key.labels.includes(label)) labels.add(label);
  }
  return [...labels].map((label) => {
    const wanted = columnIn(want, label);
    const gotten = columnIn(got, label);
    if (wanted !== undefined && gotten !== undefined && wanted.kind !== gotten.kind) {
      throw new FluxError(
        "failed precondition",
        `column "${label}" has different types ${wanted.kind} != ${gotten.kind}`,
      );
    }
    return { label, kind: (wanted ?? gotten)?.kind ?? "string", want: wanted, got: gotten };
  });
}

function columnIn(table: Table | undefined, label: string): FlatColumn | undefined {
  if (table === undefined) return undefined;
  const at = indexOf(table.schema, label);
  return at < 0 ? undefined : expand(table.columns[at], table.tableEnds);
}

function sameCell({ want, got }: Pair, w: number, g: number): boolean {
  const left = want === undefined ? null : cellAt(want, w);
  const right = got === undefined ? null : cellAt(got, g);
  if (typeof left !== "number" || typeof right !== "number") return left === right;
  return (
    left === right ||
    (Number.isNaN(left) && Number.isNaN(right)) ||
    Math.abs(left - right) <= EPSILON
  );
}

export const diff = transformation({
  name: "diff",
  type: "(<-got: stream[A], want: stream[A]) => stream[{A with _diff: string}]",
  docs:
    'The rows in which two streams differ: `_diff` is `"-"` for a row that only `want` has, `"+"` for one that ' +
    "only `got` has, and empty for the rows between. Tables are compared by group key; equal ones give " +
    "nothing. Rows must be in the same order, columns need not; floats may differ by a millionth.",
  example: `import "array"
import "experimental"
array.from(rows: [{v: 1}, {v: 2}])
    |> experimental.diff(want: array.from(rows: [{v: 1}, {v: 3}]))`,
  kind: diffKind,
  inputs: (args) => [args.stream("got"), args.stream("want")],
  spec: () => ({}),
});
