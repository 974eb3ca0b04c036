import {
  type Batch,
  cellAt,
  type Column,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  isValid,
  keyOf,
  rowsOf,
  type Schema,
} from "@tocsin/data/column";
import { type FluxError, type FunctionValue, invalid } from "@tocsin/data/value";
import {
  nullColumn,
  type OperatorContext,
  type Outlet,
  pieceRows,
  SteadySchema,
} from "@tocsin/engine/execute";
import type { MappedBatch, MappedColumn } from "@tocsin/engine/expression";
import { type RecordUse, recordUses } from "../columns-read.ts";
import { JoinedRows, type Side, sideLabel } from "./as.ts";
import type { SeenColumns } from "./held-tables.ts";

/** Stands for a row where a side has none. */
export const NO_ROW = 0xffffffff;

/** How many rows are made before they are passed on. */
const ROWS_MAX = pieceRows;

/** Makes rows out of pairs of rows, and passes them on in batches of many tables. */
export class JoinOutput {
  readonly #out: SteadySchema;
  readonly #context: OperatorContext;
  readonly #joined: JoinedRows;
  readonly #uses: Readonly<Record<Side, RecordUse>>;
  readonly #seen: Readonly<Record<Side, SeenColumns>>;
  readonly #pairs = { l: new Uint32Array(ROWS_MAX), r: new Uint32Array(ROWS_MAX) };
  #sources: Readonly<Record<Side, Batch | undefined>> = { l: undefined, r: undefined };
  #rows = 0;
  /** Tables of the batch in the making: where each ends, and its place in the source of keys. */
  #ends: number[] = [];
  #tables: number[] = [];

  constructor(
    as: FunctionValue,
    seen: Readonly<Record<Side, SeenColumns>>,
    context: OperatorContext,
    out: Outlet,
  ) {
    this.#joined = new JoinedRows(as, context.rows, context.node.at);
    this.#uses = recordUses(as, ["l", "r"]);
    this.#seen = seen;
    this.#context = context;
    this.#out = new SteadySchema(out);
  }
  /** Whether what was told last is about rows of these batches. */
  isFrom(l: Batch | undefined, r: Batch | undefined): boolean {
    return l === this.#sources.l && r === this.#sources.r;
  }
  /** What follows is about rows of these batches; a side without tables has no batch. */
  async from(l: Batch | undefined, r: Batch | undefined): Promise<void> {
    if (this.isFrom(l, r)) return;
    await this.flush();
    this.#sources = { l, r };
    this.#check("l", l);
    this.#check("r", r);
  }
  /**
   * A table begins, with the key of table `table` of the right batch, or of the left if there is no
   * other.
   */
  begin(table: number): void {
    this.#tables.push(table);
    this.#ends.push(this.#rows);
  }
  /** Whether `add` needs a `flush` first. */
  get full(): boolean {
    return this.#rows === ROWS_MAX;
  }
  /** One row of the present table. */
  add(l: number, r: number): void {
    this.#pairs.l[this.#rows] = l;
    this.#pairs.r[this.#rows] = r;
    this.#ends[this.#ends.length - 1] = ++this.#rows;
  }
  /** The present table has all its rows. One without rows is left out. */
  end(): void {
    const count = this.#ends.length;
    const before = count > 1 ? this.#ends[count - 2] : 0;
    if (this.#ends[count - 1] > before) return;
    this.#ends.pop();
    this.#tables.pop();
  }
  /** Passes on what there is; `open`: the present table goes on. */
  async flush(open = false): Promise<void> {
    const rows = this.#rows;
    if (rows > 0) {
      const batch = this.#batch(open);
      const { l, r } = this.#schemas();
      const mapper = this.#joined.mapper(l, r);
      const mapped = await mapper.map(batch, (row, error) => this.#bad(batch, row, error));
      this.#out.push(this.#assembled(batch, mapped));
    }
    this.#rows = 0;
    this.#ends = open ? [0] : [];
    this.#tables = open ? this.#tables.slice(-1) : [];
  }

  /** The columns of each side that `as` may look at. */
  #schemas(): Record<Side, Schema> {
    return { l: this.#schema("l"), r: this.#schema("r") };
  }
  #schema(side: Side): Schema {
    const { fields, whole } = this.#uses[side];
    const schema = this.#sources[side]?.schema ?? this.#seen[side].schema;
    return whole ? schema : schema.filter(({ label }) => fields.has(label));
  }
  /**
   * A name that no table of a side has is a mistake; where the side has no tables, nobody can know.
   */
  #check(side: Side, batch: Batch | undefined): void {
    const { fields, whole } = this.#uses[side];
    if (batch === undefined || whole) return;
    for (const label of fields) {
      if (this.#seen[side].has(label)) continue;
      const there = batch.schema.map((spec) => spec.label).join(", ");
      throw invalid(
        `error preparing ${side === "l" ? "left" : "right"} side of join: ` +
          `table is missing label ${label}`,
        `its tables have the columns ${there}`,
      );
    }
  }
  #batch(open: boolean): Batch {
    const schema: ColumnSpec[] = [];
    const columns: Column[] = [];
    for (const side of ["l", "r"] as const) {
      const rows = this.#pairs[side].subarray(0, this.#rows);
      const source = this.#sources[side];
      for (const spec of this.#schema(side)) {
        const column = this.#column(spec, source, rows);
        const key = column.form === "table";
        schema.push({ label: sideLabel(side, spec.label), kind: column.kind, key });
        columns.push(column);
      }
    }
    const tableEnds = Uint32Array.from(this.#ends);
    return { schema, columns, rows: this.#rows, tableEnds, open };
  }
  #column({ label, kind }: ColumnSpec, source: Batch | undefined, rows: Uint32Array): Column {
    const key = this.#keyColumn(label);
    if (key !== undefined) return key;
    const at = source?.schema.findIndex((spec) => spec.label === label) ?? -1;
    const column = source?.columns[at];
    if (column === undefined || source === undefined) return nullColumn(kind, rows.length);
    return gatherOrNull(expand(column, source.tableEnds), rows);
  }
  /** A column of the key of the tables in the making. */
  #keyColumn(label: string): (Column & { form: "table" }) | undefined {
    const source = this.#sources.r ?? this.#sources.l;
    const at = source?.schema.findIndex((spec) => spec.key && spec.label === label) ?? -1;
    const column = source?.columns[at];
    if (column?.form !== "table") return undefined;
    const tables = Uint32Array.from(this.#tables);
    return { ...column, values: gather(column.values, tables, tables.length) };
  }
  #assembled(batch: Batch, { columns, kept }: MappedBatch): Batch {
    const source = this.#sources.r ?? this.#sources.l;
    const keys = source?.schema.filter(({ key }) => key) ?? [];
    for (const spec of keys) this.#keepsKey(spec, batch, columns);
    const schema = columns.map(({ label, column }) => ({
      label,
      kind: column.kind,
      key: keys.some((spec) => spec.label === label),
    }));
    const made = columns.map(({ label, column }): Column => {
      const key = this.#keyColumn(label);
      if (key !== undefined) return key;
      const flat = expand(column, batch.tableEnds);
      return kept === undefined ? flat : gather(flat, kept, kept.length);
    });
    const tableEnds = kept === undefined ? batch.tableEnds : endsOf(batch.tableEnds, kept);
    return { ...batch, schema, columns: made, rows: kept?.length ?? batch.rows, tableEnds };
  }
  #keepsKey({ label, kind }: ColumnSpec, batch: Batch, made: readonly MappedColumn[]): void {
    const found = made.find((one) => one.label === label);
    const passed = batch.schema.find((spec) => spec.label === found?.passes);
    if (passed?.key === true && passed.label.slice(2) === label) return;
    const key = this.#keyColumn(label);
    const same =
      found !== undefined &&
      key !== undefined &&
      found.column.kind === kind &&
      sameCells(expand(found.column, batch.tableEnds), expand(key, batch.tableEnds));
    if (same) return;
    throw invalid(
      "join cannot modify group key: output record has a missing or invalid value for column " +
        `'${label}:${kind}'`,
      `give ${label} as it is: ${label}: l.${label}, or r.${label} where only the right side has it`,
    );
  }
  #bad(batch: Batch, row: number, error: FluxError): void {
    const placed = error.placed(this.#context.node.at);
    if (this.#context.badRow === undefined) throw placed;
    let table = 0;
    while (batch.tableEnds[table] <= row) table += 1;
    const source = this.#sources.r ?? this.#sources.l ?? batch;
    const key = keyOf(source, this.#tables[table]);
    const name = key.labels.map((label, i) => `${label}=${String(key.cells[i])}`).join(" ");
    this.#context.badRow({ error: placed, row: name, at: placed.at });
  }
}

/** The rows of a column; no value where there is no row. */
function gatherOrNull(column: FlatColumn, rows: Uint32Array): FlatColumn {
  if (!rows.includes(NO_ROW)) return gather(column, rows, rows.length);
  if (rowsOf(column) === 0) return nullColumn(column.kind, rows.length);
  const there = rows.map((row) => (row === NO_ROW ? 0 : row));
  const gathered = gather(column, there, there.length);
  const valid = new Uint8Array((rows.length + 7) >> 3);
  for (let i = 0; i < rows.length; i++)
    if (rows[i] !== NO_ROW && isValid(gathered.valid, i)) valid[i >> 3] |= 1 << (i & 7);
  return { ...gathered, valid };
}

function sameCells(a: FlatColumn, b: FlatColumn): boolean {
  const rows = rowsOf(a);
  for (let row = 0; row < rows; row++) if (!Object.is(cellAt(a, row), cellAt(b, row))) return false;
  return true;
}

function endsOf(tableEnds: Uint32Array, kept: Uint32Array): Uint32Array {
  let count = 0;
  return tableEnds.map((end) => {
    while (count < kept.length && kept[count] < end) count++;
    return count;
  });
}
