import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnBuilder,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  indexOf,
  sameSchema,
  type Schema,
  slice,
} from "@tocsin/data/column";
import { compareUtf8, FluxError } from "@tocsin/data/value";
import { CellIndex, PairIndex } from "./cell-index.ts";
import { joinColumns } from "./join-columns.ts";

/** Keys with the same labels: their cells' numbers, paired up label by label, number the groups. */
interface Signature {
  readonly labels: readonly string[];
  readonly pairs: readonly PairIndex[];
  /** Group of each number that the last pairing gives; -1 until it is seen. */
  readonly groups: number[];
}

/** A batch whose tables or rows have found their groups. */
interface Piece {
  readonly batch: Batch;
  /** One number a table when `byTable`, else one a row. */
  readonly groups: Uint32Array;
  readonly byTable: boolean;
  /** Counts up over all pieces. */
  readonly sequence: number;
  /** Where its rows begin among the rows of its stratum. */
  readonly from: number;
}

/** All pieces that came with one schema. */
interface Stratum {
  readonly schema: Schema;
  readonly pieces: Piece[];
  rows: number;
}

/** The rows of one stratum in the order of groups. */
interface Sorted {
  readonly columns: readonly FlatColumn[];
  /** Undefined when they lie in order already. */
  readonly rows: Uint32Array | undefined;
  /** Where the rows of each group end, by place. */
  readonly ends: Uint32Array;
}

/**
 * Puts tables and rows under new keys, so that each key has one table in which rows keep the order in
 * which they came. Columns that some of a table's rows lack get no value there; a column that comes
 * with two types is an error. Keys are compared as numbers, columns are copied whole.
 */
export class Regrouping {
  readonly #cells = new Map<string, CellIndex>();
  readonly #signatures = new Map<string, Signature>();
  readonly #strata: Stratum[] = [];
  /** Of each group: its signature, and the number that its cells have there. */
  readonly #group: { readonly signature: Signature; readonly id: number }[] = [];
  /** Strata that rows or tables of each group came from, in order. */
  readonly #sources: number[][] = [];
  #sequence = 0;

  /** Adds all tables of a batch; `isKey` says which columns make the new key. */
  add(batch: Batch, isKey: (spec: ColumnSpec) => boolean): void {
    const schema = batch.schema.map((spec) => ({ ...spec, key: isKey(spec) }));
    const key = schema.flatMap((spec, i) => (spec.key ? [{ label: spec.label, at: i }] : []));
    key.sort((a, b) => compareUtf8(a.label, b.label));
    const byTable = key.every(({ at }) => batch.columns[at].form === "table");
    const signature = this.#signature(key.map(({ label }) => label));
    const ids = new Uint32Array(byTable ? batch.tableEnds.length : batch.rows);
    key.forEach(({ label, at }, i) => {
      const codes = this.#codes(label, batch, at, byTable);
      if (i === 0) ids.set(codes);
      else signature.pairs[i - 1].number(ids, codes);
    });
    const stratum = this.#stratum(schema);
    this.#toGroups(ids, signature, stratum);
    const at = this.#strata[stratum];
    at.pieces.push({
      batch,
      groups: ids,
      byTable,
      sequence: this.#sequence++,
      from: at.rows,
    });
    at.rows += batch.rows;
  }
  get size(): number {
    return this.#group.length;
  }
  /** The tables; `sorted` by key, else in the order in which their keys came. */
  batches(sorted = true): Batch[] {
    const order = sorted ? this.#sorted() : Uint32Array.from(this.#group, (_, group) => group);
    const places = new Uint32Array(order.length);
    order.forEach((group, place) => (places[group] = place));
    const strata = this.#strata.map((stratum) => sortRows(stratum, places));
    const batches: Batch[] = [];
    let from = 0;
    for (let place = 1; place <= order.length; place++) {
      if (place < order.length && this.#alike(order[from], order[place])) continue;
      const groups = order.subarray(from, place);
      const sources = this.#sources[order[from]];
      if (sources.length === 1) batches.push(this.#plain(strata, sources[0], groups, from));
      else for (const group of groups) batches.push(this.#mixed(strata, group, places[group]));
      from = place;
    }
    return batches;
  }

  #signature(labels: readonly string[]): Signature {
    const text = labels.join("\u0000");
    let signature = this.#signatures.get(text);
    if (signature === undefined) {
      const pairs = labels.slice(1).map(() => new PairIndex());
      this.#signatures.set(text, (signature = { labels, pairs, groups: [] }));
    }
    return signature;
  }
  #codes(label: string, batch: Batch, at: number, byTable: boolean): Uint32Array {
    let cells = this.#cells.get(label);
    if (cells === undefined) this.#cells.set(label, (cells = new CellIndex()));
    const column = batch.columns[at];
    const flat = column.form === "table" ? column.values : column;
    const codes = new Uint32Array(column.form === "table" ? batch.tableEnds.length : batch.rows);
    cells.codesOf(flat, codes);
    return column.form === "table" && !byTable ? perRow(codes, batch) : codes;
  }
  #stratum(schema: Schema): number {
    const found = this.#strata.findIndex((stratum) => sameSchema(stratum.schema, schema));
    return found >= 0 ? found : this.#strata.push({ schema, pieces: [], rows: 0 }) - 1;
  }
  #toGroups(ids: Uint32Array, signature: Signature, stratum: number): void {
    let lastId = -1;
    let last = -1;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (id !== lastId) {
        lastId = id;
        last = signature.groups[id] ?? -1;
        if (last === -1) {
          last = this.#group.push({ signature, id }) - 1;
          while (signature.groups.length < id) signature.groups.push(-1);
          signature.groups[id] = last;
          this.#sources.push([stratum]);
        } else if (!this.#sources[last].includes(stratum)) this.#sources[last].push(stratum);
      }
      ids[i] = last;
    }
  }
  #alike(a: number, b: number): boolean {
    const one = this.#sources[a];
    const other = this.#sources[b];
    return one.length === 1 && other.length === 1 && one[0] === other[0];
  }
  /** The number of a group's cell under label `at` of its signature. */
  #code(group: number, at: number): number {
    const { signature, id } = this.#group[group];
    let number = id;
    for (let i = signature.labels.length - 1; i > 0; i--) {
      const pairs = signature.pairs[i - 1];
      if (i === at) return pairs.right[number];
      number = pairs.left[number];
    }
    return number;
  }
  #sorted(): Uint32Array {
    const order = Uint32Array.from(this.#group, (_, group) => group);
    const ranks = new Map([...this.#cells].map(([label, cells]) => [label, cells.ranks()]));
    const keys = this.#group.map(({ signature }, group) =>
      signature.labels.map((label, i) => ranks.get(label)?.[this.#code(group, i)] ?? 0),
    );
    return order.sort((a, b) => {
      const left = this.#group[a].signature;
      const right = this.#group[b].signature;
      return left === right
        ? compareNumbers(keys[a], keys[b])
        : compareLabelled(left.labels, keys[a], right.labels, keys[b]);
    });
  }
  /** Groups that one stratum fills alone, from the place `from` on. */
  #plain(strata: readonly Sorted[], at: number, groups: Uint32Array, from: number): Batch {
    const { schema } = this.#strata[at];
    const { columns, rows, ends } = strata[at];
    const first = from === 0 ? 0 : ends[from - 1];
    const last = ends[from + groups.length - 1];
    const made = schema.map((spec, i): Column => {
      if (spec.key) return this.#keyColumn(spec, groups);
      if (rows === undefined) return slice(columns[i], first, last);
      return gather(columns[i], rows.subarray(first, last), last - first);
    });
    const tableEnds = ends.slice(from, from + groups.length);
    for (let i = 0; i < tableEnds.length; i++) tableEnds[i] -= first;
    return { schema, columns: made, rows: last - first, tableEnds, open: false };
  }
  /** One group whose rows came with several schemas. */
  #mixed(strata: readonly Sorted[], group: number, place: number): Batch {
    const sources = this.#sources[group];
    const schema = unionOf(sources.map((at) => this.#strata[at].schema));
    const builders = new Map<string, ColumnBuilder>();
    for (const spec of schema) if (!spec.key) builders.set(spec.label, columnBuilder(spec.kind));
    let rows = 0;
    for (const run of this.#runs(strata, sources, place)) {
      const from = this.#strata[run.stratum].schema;
      const { columns } = strata[run.stratum];
      for (const [label, builder] of builders) {
        const at = indexOf(from, label);
        for (const row of run.rows) {
          if (at < 0) builder.append(null);
          else builder.appendFrom(columns[at], row);
        }
      }
      rows += run.rows.length;
    }
    const only = Uint32Array.of(group);
    const columns = schema.map(
      (spec): Column => builders.get(spec.label)?.finish() ?? this.#keyColumn(spec, only),
    );
    return { schema, columns, rows, tableEnds: Uint32Array.of(rows), open: false };
  }
  /** The rows of the group at `place`, piece by piece in the order in which the pieces came. */
  #runs(
    strata: readonly Sorted[],
    sources: readonly number[],
    place: number,
  ): { readonly stratum: number; readonly rows: Uint32Array }[] {
    const runs: { stratum: number; sequence: number; rows: Uint32Array }[] = [];
    for (const stratum of sources) {
      const { rows, ends } = strata[stratum];
      const last = ends[place];
      let from = place === 0 ? 0 : ends[place - 1];
      const rowAt = (i: number): number => (rows === undefined ? i : rows[i]);
      for (const piece of this.#strata[stratum].pieces) {
        let to = from;
        while (to < last && rowAt(to) < piece.from + piece.batch.rows) to++;
        const count = to - from;
        const start = from;
        if (count > 0) {
          const taken = Uint32Array.from({ length: count }, (_, i) => rowAt(start + i));
          runs.push({ stratum, sequence: piece.sequence, rows: taken });
        }
        from = to;
      }
    }
    return runs.sort((a, b) => a.sequence - b.sequence);
  }
  #keyColumn(spec: ColumnSpec, groups: Uint32Array): Column {
    const cells = this.#cells.get(spec.label);
    if (cells === undefined || groups.length === 0) {
      return { kind: spec.kind, form: "table", values: columnBuilder(spec.kind, 0).finish() };
    }
    const at = this.#group[groups[0]].signature.labels.indexOf(spec.label);
    const codes = groups.map((group) => this.#code(group, at));
    return { kind: spec.kind, form: "table", values: cells.column(spec.kind, codes) };
  }
}

function perRow(perTable: Uint32Array, batch: Batch): Uint32Array {
  const codes = new Uint32Array(batch.rows);
  let row = 0;
  for (let table = 0; table < perTable.length; table++)
    while (row < batch.tableEnds[table]) codes[row++] = perTable[table];
  return codes;
}

/** Puts the rows of a stratum in the order of their groups' places, by counting. */
function sortRows(stratum: Stratum, places: Uint32Array): Sorted {
  const at = new Uint32Array(stratum.rows);
  let inOrder = true;
  let row = 0;
  let before = 0;
  for (const { batch, groups, byTable } of stratum.pieces) {
    for (let i = 0; i < groups.length; i++) {
      const place = places[groups[i]];
      const end = byTable
        ? row + batch.tableEnds[i] - (i === 0 ? 0 : batch.tableEnds[i - 1])
        : row + 1;
      if (end > row && place < before) inOrder = false;
      if (end > row) before = place;
      while (row < end) at[row++] = place;
    }
  }
  const ends = new Uint32Array(places.length);
  for (let i = 0; i < at.length; i++) ends[at[i]]++;
  for (let place = 1; place < ends.length; place++) ends[place] += ends[place - 1];
  const columns = joinedColumns(stratum);
  if (inOrder) return { columns, rows: undefined, ends };
  const next = new Uint32Array(places.length);
  next.set(ends.subarray(0, Math.max(0, ends.length - 1)), 1);
  const rows = new Uint32Array(at.length);
  for (let i = 0; i < at.length; i++) rows[next[at[i]]++] = i;
  return { columns, rows, ends };
}

/** Key columns are not copied: they are made anew from the key. */
function joinedColumns({ schema, pieces }: Stratum): readonly FlatColumn[] {
  const none = columnBuilder("float", 0).finish();
  return schema.map((spec, i) =>
    spec.key
      ? none
      : joinColumns(pieces.map(({ batch }) => expand(batch.columns[i], batch.tableEnds))),
  );
}

function unionOf(schemas: readonly Schema[]): Schema {
  const union: ColumnSpec[] = [];
  for (const spec of schemas.flat()) {
    const found = union.find(({ label }) => label === spec.label);
    if (found === undefined) union.push(spec);
    else if (found.kind !== spec.kind) {
      throw new FluxError(
        "failed precondition",
        `schema collision detected: column "${spec.label}" is both of type ${spec.kind} and ${found.kind}`,
      );
    }
  }
  return union;
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/** As `compareKeys` of data/column, on ranks instead of cells. */
function compareLabelled(
  leftLabels: readonly string[],
  left: readonly number[],
  rightLabels: readonly string[],
  right: readonly number[],
): number {
  const count = Math.min(leftLabels.length, rightLabels.length);
  for (let i = 0; i < count; i++) {
    const byLabel = compareUtf8(leftLabels[i], rightLabels[i]);
    if (byLabel !== 0) return -byLabel;
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return leftLabels.length - rightLabels.length;
}
