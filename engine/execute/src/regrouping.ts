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
  joinedColumn,
  partEnds,
  parts,
  sameSchema,
  type Schema,
  slice,
} from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { Steps } from "@tocsin/platform/host";
import { counted } from "./digit-sort.ts";
import { GroupIndex } from "./group-index.ts";
import { pieceRows } from "./pushing.ts";

const rowsPerStep = 262_144;

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
 * Puts tables and rows under new keys, so that each key has one table in which rows keep the order
 * in which they came. Columns that some of a table's rows lack get no value there; a column that
 * comes with two types is an error. Keys are compared as numbers, columns are copied whole.
 */
export class Regrouping {
  readonly #index = new GroupIndex();
  readonly #strata: Stratum[] = [];
  /** Strata that rows or tables of each group came from, in order. */
  readonly #sources: number[][] = [];
  #sequence = 0;

  /** Adds all tables of a batch; `isKey` says which columns make the new key. */
  add(batch: Batch, isKey: (spec: ColumnSpec) => boolean): void {
    const schema = batch.schema.map((spec) => ({ ...spec, key: isKey(spec) }));
    const { groups, byTable } = this.#index.groupsOf(batch, isKey);
    const at = this.#stratum(schema);
    this.#note(groups, at);
    const stratum = this.#strata[at];
    const sequence = this.#sequence++;
    stratum.pieces.push({ batch, groups, byTable, sequence, from: stratum.rows });
    stratum.rows += batch.rows;
  }
  get size(): number {
    return this.#index.size;
  }
  /**
   * The tables, in steps and in batches that are not long; `sorted` by key, else in the order in which
   * their keys came. Called once, at the end.
   */
  *batches(sorted = true): Generator<Batch | undefined> {
    const order = sorted ? yield* this.#index.sorted() : counted(this.#sources.length);
    const places = new Uint32Array(order.length);
    order.forEach((group, place) => (places[group] = place));
    const strata: Sorted[] = [];
    for (const stratum of this.#strata) strata.push(yield* sortRows(stratum, places));
    let from = 0;
    for (let place = 1; place <= order.length; place++) {
      if (place < order.length && this.#alike(order[from], order[place])) continue;
      const groups = order.subarray(from, place);
      const sources = this.#sources[order[from]];
      if (sources.length === 1) yield* this.#plain(strata, sources[0], groups, from);
      else for (const group of groups) yield this.#mixed(strata, group, places[group]);
      from = place;
    }
  }

  #stratum(schema: Schema): number {
    const found = this.#strata.findIndex((stratum) => sameSchema(stratum.schema, schema));
    return found >= 0 ? found : this.#strata.push({ schema, pieces: [], rows: 0 }) - 1;
  }
  #note(groups: Uint32Array, stratum: number): void {
    let last = -1;
    for (let i = 0; i < groups.length; i++) {
      if (groups[i] === last) continue;
      last = groups[i];
      const sources = this.#sources[last];
      if (sources === undefined) this.#sources[last] = [stratum];
      else if (!sources.includes(stratum)) sources.push(stratum);
    }
  }
  #alike(a: number, b: number): boolean {
    const one = this.#sources[a];
    const other = this.#sources[b];
    return one.length === 1 && other.length === 1 && one[0] === other[0];
  }
  /** Groups that one stratum fills alone, from the place `from` on. */
  *#plain(
    strata: readonly Sorted[],
    at: number,
    groups: Uint32Array,
    from: number,
  ): Generator<Batch | undefined> {
    const { schema } = this.#strata[at];
    const { columns, rows, ends } = strata[at];
    const first = from === 0 ? 0 : ends[from - 1];
    const tableEnds = ends.slice(from, from + groups.length);
    for (let i = 0; i < tableEnds.length; i++) tableEnds[i] -= first;
    for (const part of parts(tableEnds, pieceRows)) {
      const count = part.last - part.first;
      const start = first + part.first;
      const made = schema.map((spec, i): Column => {
        if (spec.key) return this.#index.column(spec, groups.subarray(part.from, part.to));
        if (rows === undefined) return slice(columns[i], start, start + count);
        return gather(columns[i], rows.subarray(start, start + count), count);
      });
      const { open } = part;
      yield { schema, columns: made, rows: count, tableEnds: partEnds(tableEnds, part), open };
    }
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
      (spec): Column => builders.get(spec.label)?.finish() ?? this.#index.column(spec, only),
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
      const { pieces } = this.#strata[stratum];
      let from = place === 0 ? 0 : ends[place - 1];
      while (from < ends[place]) {
        const first = rows?.[from] ?? from;
        const piece = pieceOf(pieces, first);
        const end = piece.from + piece.batch.rows;
        let to = from + 1;
        while (to < ends[place] && (rows?.[to] ?? to) < end) to++;
        const start = from;
        const taken = Uint32Array.from(
          { length: to - from },
          (_, i) => rows?.[start + i] ?? start + i,
        );
        runs.push({ stratum, sequence: piece.sequence, rows: taken });
        from = to;
      }
    }
    return runs.sort((a, b) => a.sequence - b.sequence);
  }
}

/** The piece that row `row` of its stratum came with, by halving. */
function pieceOf(pieces: readonly Piece[], row: number): Piece {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pieces[middle].from <= row) low = middle;
    else high = middle - 1;
  }
  // Empty pieces begin where the one before ends: the last that begins there has the row.
  return pieces[low];
}

/** Puts the rows of a stratum in the order of their groups' places, by counting. */
function* sortRows(stratum: Stratum, places: Uint32Array): Steps<Sorted> {
  const at = new Uint32Array(stratum.rows);
  const ends = new Uint32Array(places.length);
  let inOrder = true;
  let before = 0;
  for (const piece of stratum.pieces) {
    placeRows(piece, places, at);
    for (let row = piece.from; row < piece.from + piece.batch.rows; row++) {
      if (at[row] < before) inOrder = false;
      before = at[row];
      ends[before]++;
    }
    yield;
  }
  for (let place = 1; place < ends.length; place++) ends[place] += ends[place - 1];
  const columns = yield* joinedColumns(stratum);
  if (inOrder) return { columns, rows: undefined, ends };
  const next = new Uint32Array(ends.length);
  next.set(ends.subarray(0, -1), 1);
  const rows = new Uint32Array(at.length);
  for (let from = 0; from < at.length; from += rowsPerStep) {
    const to = Math.min(at.length, from + rowsPerStep);
    for (let i = from; i < to; i++) rows[next[at[i]]++] = i;
    yield;
  }
  return { columns, rows, ends };
}

/** Writes the place of each row's group. */
function placeRows(piece: Piece, places: Uint32Array, at: Uint32Array): void {
  const { batch, groups, byTable } = piece;
  let row = piece.from;
  if (!byTable) for (let i = 0; i < groups.length; i++) at[row++] = places[groups[i]];
  else
    for (let table = 0; table < groups.length; table++) {
      const end = piece.from + batch.tableEnds[table];
      const place = places[groups[table]];
      while (row < end) at[row++] = place;
    }
}

/** Key columns are not copied: they are made anew from the key. */
function* joinedColumns({ schema, pieces }: Stratum): Steps<readonly FlatColumn[]> {
  const none = columnBuilder("float", 0).finish();
  const columns: FlatColumn[] = [];
  for (const [i, spec] of schema.entries()) {
    if (spec.key) columns.push(none);
    else {
      const flat: FlatColumn[] = [];
      for (const { batch } of pieces) flat.push(expand(batch.columns[i], batch.tableEnds));
      columns.push(yield* joinedColumn(flat));
      yield;
    }
  }
  return columns;
}

function unionOf(schemas: readonly Schema[]): Schema {
  const union: ColumnSpec[] = [];
  for (const spec of schemas.flat()) {
    const found = union.find(({ label }) => label === spec.label);
    if (found === undefined) union.push(spec);
    else if (found.kind !== spec.kind) {
      throw new FluxError(
        "failed precondition",
        `schema collision detected: column "${spec.label}" is both of type ` +
          `${spec.kind} and ${found.kind}`,
      );
    }
  }
  return union;
}
