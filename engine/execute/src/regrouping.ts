import {
  type Batch,
  bytesOf,
  type Column,
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
import { type ColumnNames, pooledPoints } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import { counted } from "./digit-sort.ts";
import { GroupIndex } from "./group-index.ts";
import { nullColumn } from "./null-column.ts";
import { pieceRows } from "./pushing.ts";
import { GroupGatherer, type Piece, sharedRuns } from "./regrouping-runs.ts";

const rowsPerStep = 131_072;

/** The groups whose rows have come with the same schemas, in the same order. */
interface Shape {
  readonly sources: readonly number[];
  /** The schema of the tables to be made. */
  readonly schema: Schema;
  /** Its groups in the order in which they come out. */
  readonly groups: number[];
  /** Its rows, piece by piece; `rows` undefined: all of the piece. */
  readonly taken: { readonly piece: Piece; readonly rows: Uint32Array | undefined }[];
}

/** The rows of one shape in the order of its groups. */
interface Sorted {
  readonly columns: readonly FlatColumn[];
  /** Undefined: they are in that order already. */
  readonly rows: Uint32Array | undefined;
  /** Where the rows of each group end. */
  readonly ends: Uint32Array;
}

/**
 * Gives tables and rows new keys. Each key gets one table, in which rows keep the order in which they came. A column
 * that some rows of a table lack is null there; a column of two types is an error. Keys are compared as numbers. Long
 * runs of rows are not copied, others column by column.
 */
export class Regrouping {
  readonly #wanted: ColumnNames;
  readonly #index = new GroupIndex();
  readonly #gatherer = new GroupGatherer();
  readonly #schemas: Schema[] = [];
  #pieces: Piece[] = [];
  /** The schemas with which the rows of each group have come, in order. */
  readonly #sources: number[][] = [];
  /** The schema that was noted last for each group; -1: none. */
  #noted: Int32Array<ArrayBuffer> = new Int32Array(0);

  /** `wanted`: columns beside the key that are needed; others may be left out. */
  constructor(wanted: ColumnNames = undefined) {
    this.#wanted = wanted;
  }
  /** Adds all tables of a batch; `isKey` says which columns make the new key. */
  add(batch: Batch, isKey: (spec: ColumnSpec) => boolean): void {
    const schema = batch.schema.map((spec) => ({ ...spec, key: isKey(spec) }));
    const { groups, byTable } = this.#index.groupsOf(batch, isKey);
    const source = this.#source(schema);
    const needed = neededOf(schema, this.#wanted);
    const found = { batch, groups, byTable, source };
    const piece = this.#gatherer.gathered(found, this.#index.size, needed);
    this.#note(piece.groups, source);
    this.#pieces.push(piece);
  }
  get size(): number {
    return this.#index.size;
  }
  /** About how many bytes are held. */
  get bytes(): number {
    return this.#pieces.reduce((sum, { batch }) => sum + bytesOf(batch), 0);
  }
  /**
   * The tables in batches of about `pieceRows` rows, in steps; `sorted` by key, otherwise in the order in which their
   * keys came. To be called once, at the end.
   */
  *batches(sorted = true): Generator<Batch | undefined> {
    const order = sorted ? yield* this.#index.sorted() : counted(this.#sources.length);
    const { shapes, shapeOf, places } = this.#shaped(order);
    const shared = sharedRuns(this.#pieces, {
      schemaOf: (group) => shapes[shapeOf[group]].schema,
      places: placesIn(order),
      index: this.#index,
    });
    if (shared !== undefined) {
      this.#pieces = [];
      return yield* shared;
    }
    yield* share(this.#pieces, shapes, shapeOf);
    this.#pieces = [];
    const rows: Sorted[] = [];
    for (const shape of shapes) rows.push(yield* this.#sortRows(shape, places));
    let from = 0;
    for (let to = 1; to <= order.length; to++) {
      const shape = shapeOf[order[from]];
      if (to < order.length && shapeOf[order[to]] === shape) continue;
      const groups = order.subarray(from, to);
      yield* this.#tables(shapes[shape], rows[shape], groups, places[order[from]]);
      from = to;
    }
  }

  #source(schema: Schema): number {
    const found = this.#schemas.findIndex((one) => sameSchema(one, schema));
    return found >= 0 ? found : this.#schemas.push(schema) - 1;
  }
  #note(groups: Uint32Array, source: number): void {
    if (this.#noted.length < this.#index.size) {
      const more = new Int32Array(2 * this.#index.size).fill(-1);
      more.set(this.#noted);
      this.#noted = more;
    }
    const noted = this.#noted;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i];
      if (noted[group] === source) continue;
      noted[group] = source;
      const sources = this.#sources[group];
      if (sources === undefined) this.#sources[group] = [source];
      else if (!sources.includes(source)) sources.push(source);
    }
  }
  /** The shapes of all groups, the shape of each group, and the place of each in its shape, which follows `order`. */
  #shaped(order: Uint32Array): { shapes: Shape[]; shapeOf: Uint32Array; places: Uint32Array } {
    const shapes: Shape[] = [];
    const known = new Map<string, number>();
    const shapeOf = new Uint32Array(order.length);
    const places = new Uint32Array(order.length);
    for (let i = 0; i < order.length; i++) {
      const group = order[i];
      const sources = this.#sources[group];
      const name = sources.length === 1 ? String(sources[0]) : sources.join();
      let shape = known.get(name);
      if (shape === undefined) {
        const all = unionOf(sources.map((source) => this.#schemas[source]));
        const schema = readOf(all, this.#wanted);
        shape = shapes.push({ sources, schema, groups: [], taken: [] }) - 1;
        known.set(name, shape);
      }
      shapeOf[group] = shape;
      places[group] = shapes[shape].groups.push(group) - 1;
    }
    return { shapes, shapeOf, places };
  }
  /** Puts the rows of a shape in the order of their groups' places, by counting. */
  *#sortRows(shape: Shape, places: Uint32Array): Steps<Sorted> {
    const at = new Uint32Array(shape.taken.reduce((sum, one) => sum + takenRows(one), 0));
    const ends = new Uint32Array(shape.groups.length);
    let inOrder = true;
    let row = 0;
    for (const one of shape.taken) {
      const some = at.subarray(row, row + takenRows(one));
      placeRows(one, places, some);
      inOrder = countPlaces(some, row === 0 ? 0 : at[row - 1], ends) && inOrder;
      row += some.length;
      yield;
    }
    for (let place = 1; place < ends.length; place++) ends[place] += ends[place - 1];
    const columns = yield* joinedColumns(shape);
    if (inOrder) return { columns, rows: undefined, ends };
    const next = new Uint32Array(ends.length);
    next.set(ends.subarray(0, -1), 1);
    const rows = new Uint32Array(at.length);
    for (let from = 0; from < at.length; from += rowsPerStep) {
      putRows(at, { from, to: Math.min(at.length, from + rowsPerStep) }, next, rows);
      yield;
    }
    return { columns, rows, ends };
  }
  /** The tables of consecutive groups of a shape, the first of which has the place `from`. */
  *#tables(
    { schema }: Shape,
    { columns, rows, ends }: Sorted,
    groups: Uint32Array,
    from: number,
  ): Generator<Batch | undefined> {
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
}

/** Hands the rows of each piece to the shapes of their groups. */
function* share(pieces: readonly Piece[], shapes: readonly Shape[], shapeOf: Uint32Array): Steps {
  const alone = shapes.filter(({ sources }) => sources.length === 1).length === shapes.length;
  for (const piece of pieces) {
    // If the rows of each group have one schema, all rows of a piece have the same shape.
    if (alone && piece.groups.length > 0)
      shapes[shapeOf[piece.groups[0]]].taken.push({ piece, rows: undefined });
    else if (!alone) {
      const { counts, rows } = rowsByShape(piece, shapes.length, shapeOf);
      let from = 0;
      counts.forEach((count, shape) => {
        const all = count === piece.batch.rows;
        const some = all ? undefined : rows.subarray(from, from + count);
        if (count > 0) shapes[shape].taken.push({ piece, rows: some });
        from += count;
      });
      yield;
    }
  }
}

/** The rows of a piece, shape after shape. */
function rowsByShape(
  { batch, groups, byTable }: Piece,
  shapes: number,
  shapeOf: Uint32Array,
): { counts: Uint32Array; rows: Uint32Array } {
  const counts = new Uint32Array(shapes);
  const shapeOfRow = new Uint32Array(batch.rows);
  for (let row = 0, table = 0; row < batch.rows; row++) {
    if (byTable) while (batch.tableEnds[table] <= row) table++;
    const shape = shapeOf[groups[byTable ? table : row]];
    shapeOfRow[row] = shape;
    counts[shape]++;
  }
  const next = new Uint32Array(shapes);
  for (let shape = 1; shape < shapes; shape++) next[shape] = next[shape - 1] + counts[shape - 1];
  const rows = new Uint32Array(batch.rows);
  for (let row = 0; row < batch.rows; row++) rows[next[shapeOfRow[row]]++] = row;
  return { counts, rows };
}

type Taken = Shape["taken"][number];

const takenRows = ({ piece, rows }: Taken): number => rows?.length ?? piece.batch.rows;

/** Writes the place of each row's group. */
function placeRows({ piece, rows }: Taken, places: Uint32Array, at: Uint32Array): void {
  const { batch, groups, byTable } = piece;
  if (!byTable) {
    if (rows === undefined) for (let i = 0; i < at.length; i++) at[i] = places[groups[i]];
    else for (let i = 0; i < at.length; i++) at[i] = places[groups[rows[i]]];
    return;
  }
  let table = 0;
  for (let i = 0; i < at.length; i++) {
    const row = rows === undefined ? i : rows[i];
    while (batch.tableEnds[table] <= row) table++;
    at[i] = places[groups[table]];
  }
}

/** Counts rows by place. False: the places, the first of which comes after `before`, do not ascend. */
function countPlaces(at: Uint32Array, before: number, counts: Uint32Array): boolean {
  let inOrder = true;
  let last = before;
  for (let i = 0; i < at.length; i++) {
    const place = at[i];
    if (place < last) inOrder = false;
    last = place;
    counts[place]++;
  }
  return inOrder;
}

/** Writes each of the rows `from .. to` to where the next row of its place belongs. */
function putRows(
  at: Uint32Array,
  { from, to }: { readonly from: number; readonly to: number },
  next: Uint32Array,
  rows: Uint32Array,
): void {
  for (let row = from; row < to; row++) rows[next[at[row]]++] = row;
}

/** The columns of a shape's rows, but for key columns, which are made from the key. */
function* joinedColumns({ schema, taken }: Shape): Steps<readonly FlatColumn[]> {
  const columns: FlatColumn[] = [];
  for (const spec of schema) {
    const none = nullColumn(spec.kind, 0);
    if (spec.key || taken.length === 0) columns.push(none);
    else {
      columns.push(yield* joinedColumn(taken.map((one) => cellsOf(one, spec))));
      yield;
    }
  }
  return columns;
}

function cellsOf(taken: Taken, { label, kind }: ColumnSpec): FlatColumn {
  const { batch } = taken.piece;
  const at = indexOf(batch.schema, label);
  if (at < 0) return nullColumn(kind, takenRows(taken));
  const column = expand(batch.columns[at], batch.tableEnds);
  return taken.rows === undefined ? column : gather(column, taken.rows, taken.rows.length);
}

/**
 * The columns that are read: all if one that is wanted is missing, so that an error can name those that are there. The
 * column that says how many points a row stands for may be missing.
 */
function readOf(schema: Schema, wanted: ColumnNames): Schema {
  if (wanted === undefined) return schema;
  const missing = (label: string): boolean => label !== pooledPoints && indexOf(schema, label) < 0;
  if ([...wanted].some(missing)) return schema;
  return schema.filter(({ key, label }) => key || wanted.has(label));
}

/** Which columns of a batch are needed. Those of the key are not, as it is made again. */
function neededOf(schema: Schema, wanted: ColumnNames): (label: string) => boolean {
  const read = new Set(readOf(schema, wanted).flatMap(({ key, label }) => (key ? [] : [label])));
  return (label) => read.has(label);
}

/** The place of each group in an order. */
function placesIn(order: Uint32Array): Uint32Array {
  const places = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) places[order[i]] = i;
  return places;
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
