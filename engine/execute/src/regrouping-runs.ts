import {
  type Batch,
  blankColumn,
  type Column,
  expand,
  type FlatColumn,
  gather,
  indexOf,
  isBlank,
  type Schema,
  slice,
  tableStart,
} from "@tocsin/data/column";
import type { GroupIndex } from "./group-index.ts";
import { nullColumn } from "./null-column.ts";

/** A batch, and the groups of its tables or rows. */
export interface Piece {
  readonly batch: Batch;
  /** A group for each table if `byTable`, otherwise for each row. */
  readonly groups: Uint32Array;
  readonly byTable: boolean;
  /** The number of its schema. */
  readonly source: number;
}

/** Shorter runs are copied: a batch for each would cost more than copying its rows. */
const runRows = 1024;
/** A batch's rows are put together group by group if groups have this many rows on average, or are this few. */
const rowsPerGroup = 64;
const fewGroups = 32;

/** The tables `from .. to` of a piece, whose rows follow each other in the result, too. */
interface Stretch {
  readonly piece: Piece;
  from: number;
  to: number;
}

/** What the runs of a regrouping become. */
interface Outcome {
  /** The columns of the tables of a group. */
  readonly schemaOf: (group: number) => Schema;
  /** The place of each group among those of the result. */
  readonly places: Uint32Array;
  readonly index: GroupIndex;
}

/**
 * The tables of pieces in the order of their groups, in batches that share the memory of the pieces. Undefined: the
 * runs of rows are too short for that.
 */
export function sharedRuns(
  pieces: readonly Piece[],
  outcome: Outcome,
): Generator<Batch> | undefined {
  if (pieces.some(({ byTable }) => !byTable)) return undefined;
  const rows = pieces.reduce((sum, { batch }) => sum + batch.rows, 0);
  const stretches = stretchesOf(pieces, outcome, 1 + rows / runRows);
  return stretches === undefined ? undefined : batchesOf(stretches, outcome);
}

/** The tables of all pieces in the order of their groups. Undefined: they are more than `most` stretches. */
function stretchesOf(
  pieces: readonly Piece[],
  { places, schemaOf }: Outcome,
  most: number,
): Stretch[] | undefined {
  const { pieceOf, tableOf } = tablesByPlace(pieces, places);
  const stretches: Stretch[] = [];
  let last: Stretch | undefined;
  for (let i = 0; i < tableOf.length; i++) {
    const piece = pieces[pieceOf[i]];
    const table = tableOf[i];
    const schema = schemaOf(piece.groups[table]);
    if (last?.piece === piece && last.to === table && schemaOf(lastGroup(last)) === schema) {
      last.to = table + 1;
      continue;
    }
    // An empty table adds nothing to others of its group.
    const empty = tableStart(piece.batch, table) === piece.batch.tableEnds[table];
    if (empty && last !== undefined && lastGroup(last) === piece.groups[table]) continue;
    last = { piece, from: table, to: table + 1 };
    if (stretches.push(last) > most) return undefined;
  }
  return stretches;
}

const lastGroup = ({ piece, to }: Stretch): number => piece.groups[to - 1];

/** The tables of all pieces, sorted by the places of their groups. */
function tablesByPlace(
  pieces: readonly Piece[],
  places: Uint32Array,
): { pieceOf: Uint32Array; tableOf: Uint32Array } {
  const next = new Uint32Array(places.length + 1);
  let tables = 0;
  for (const { groups } of pieces) {
    tables += groups.length;
    for (const group of groups) next[places[group] + 1]++;
  }
  for (let place = 1; place < next.length; place++) next[place] += next[place - 1];
  const pieceOf = new Uint32Array(tables);
  const tableOf = new Uint32Array(tables);
  pieces.forEach(({ groups }, piece) => {
    for (let table = 0; table < groups.length; table++) {
      const at = next[places[groups[table]]]++;
      pieceOf[at] = piece;
      tableOf[at] = table;
    }
  });
  return { pieceOf, tableOf };
}

function* batchesOf(stretches: readonly Stretch[], { schemaOf, index }: Outcome): Generator<Batch> {
  for (const [i, stretch] of stretches.entries()) {
    const { piece, from, to } = stretch;
    const first = tableStart(piece.batch, from);
    const last = piece.batch.tableEnds[to - 1];
    const { groups, tableEnds } = merged(piece, from, to);
    const schema = schemaOf(groups[0]);
    const columns = schema.map((spec): Column => {
      if (spec.key) return index.column(spec, groups);
      return cellsBetween(piece.batch, spec, { from, to, first, last });
    });
    const next = stretches[i + 1];
    const open = next !== undefined && next.piece.groups[next.from] === lastGroup(stretch);
    yield { schema, columns, rows: last - first, tableEnds, open };
  }
}

/** The groups and ends of the tables `from .. to`, in which neighbours of one group are one table. */
function merged(
  { batch, groups }: Piece,
  from: number,
  to: number,
): { groups: Uint32Array; tableEnds: Uint32Array } {
  const first = tableStart(batch, from);
  const kept = new Uint32Array(to - from);
  const ends = new Uint32Array(to - from);
  let count = 0;
  for (let table = from; table < to; table++) {
    if (table === from || groups[table] !== groups[table - 1]) count++;
    kept[count - 1] = groups[table];
    ends[count - 1] = batch.tableEnds[table] - first;
  }
  return { groups: kept.subarray(0, count), tableEnds: ends.subarray(0, count) };
}

function cellsBetween(
  batch: Batch,
  { label, kind }: Schema[number],
  { from, to, first, last }: { from: number; to: number; first: number; last: number },
): FlatColumn {
  const at = indexOf(batch.schema, label);
  if (at < 0) return nullColumn(kind, last - first);
  const column = batch.columns[at];
  if (column.form !== "table") return slice(column, first, last);
  const tableEnds = batch.tableEnds.slice(from, to);
  for (let i = 0; i < tableEnds.length; i++) tableEnds[i] -= first;
  return expand({ ...column, values: slice(column.values, from, to) }, tableEnds);
}

/** Puts the rows of each group within a batch together. */
export class GroupGatherer {
  /** The number of each group in the batch at hand; -1: it is not in it. */
  #localOf = new Int32Array(64).fill(-1);
  /** Numbers of the rows of the batch at hand, and their order by them: the same memory for each batch. */
  #room = { locals: new Uint32Array(0), rows: new Uint32Array(0) };

  /**
   * The piece with the rows of each group put together as a table; the same piece if its groups are too small for
   * that. `groupCount`: how many groups there are; `wanted`: whether a column is needed.
   */
  gathered(piece: Piece, groupCount: number, wanted: (label: string) => boolean): Piece {
    const { batch, groups, byTable, source } = piece;
    if (byTable || batch.rows === 0) return piece;
    const most = Math.max(fewGroups, Math.floor(batch.rows / rowsPerGroup));
    const found = this.#locals(groups, groupCount, most);
    if (found === undefined) return piece;
    let rows: Uint32Array | undefined;
    const columns = batch.columns.map((column, i): Column => {
      const { label, kind } = batch.schema[i];
      if (!wanted(label)) return blankColumn(kind, 0);
      const flat = expand(column, batch.tableEnds);
      if (found.inOrder || isBlank(flat)) return flat;
      rows ??= rowsByLocal(found, this.#room.rows);
      return gather(flat, rows, batch.rows);
    });
    const made = { ...batch, columns, tableEnds: found.ends, open: false };
    return { batch: made, groups: found.order, byTable: true, source };
  }

  /** Undefined: there are more groups than `most`. */
  #locals(groups: Uint32Array, groupCount: number, most: number): LocalGroups | undefined {
    if (this.#localOf.length < groupCount) this.#localOf = new Int32Array(2 * groupCount).fill(-1);
    const localOf = this.#localOf;
    const order = new Uint32Array(Math.min(groupCount, most));
    if (this.#room.locals.length < groups.length)
      this.#room = {
        locals: new Uint32Array(groups.length),
        rows: new Uint32Array(groups.length),
      };
    const room = this.#room.locals.subarray(0, groups.length);
    const { locals, ends, count, inOrder } = numbered({ groups, localOf, order, locals: room });
    // Clears only what was written, as there may be far more groups than rows in a batch.
    for (let local = 0; local < order.length; local++) localOf[order[local]] = -1;
    if (count < 0) return undefined;
    return { locals, order: order.subarray(0, count), ends: ends.subarray(0, count), inOrder };
  }
}

/** The groups of one batch, numbered in the order in which they occur. */
interface LocalGroups {
  /** The number of each row's group. */
  readonly locals: Uint32Array;
  /** The group of each number. */
  readonly order: Uint32Array;
  /** Where the rows of each number end once they are together. */
  readonly ends: Uint32Array;
  /** Whether they are together already. */
  readonly inOrder: boolean;
}

/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;

/** Numbers the groups of rows; `count` is -1 when there are more than `order` has room for. */
function numbered(
  into: Pick<Numbering, "groups" | "localOf" | "order" | "locals">,
): Omit<LocalGroups, "order"> & { readonly count: number } {
  const { groups, locals, order } = into;
  const ends = new Uint32Array(order.length);
  const work = { ...into, ends, count: 0, descent: 0, before: 0 };
  for (let row = 0; row < groups.length; row += rowsAtOnce)
    if (!numberSome(work, row, Math.min(groups.length, row + rowsAtOnce)))
      return { locals, ends, inOrder: false, count: -1 };
  const { count, descent } = work;
  for (let local = 1; local < count; local++) ends[local] += ends[local - 1];
  return { locals, ends, inOrder: descent >= 0, count };
}

/** The numbering of a batch's groups at work. */
interface Numbering extends Omit<LocalGroups, "inOrder"> {
  readonly groups: Uint32Array;
  readonly localOf: Int32Array;
  count: number;
  /** Negative once a number is less than the one before. */
  descent: number;
  before: number;
}

/** Numbers the groups of the rows `from .. to`; false: there is no room for so many. */
function numberSome(work: Numbering, from: number, to: number): boolean {
  const { groups, localOf, order, locals, ends } = work;
  let { count, descent, before } = work;
  for (let row = from; row < to; row++) {
    const group = groups[row];
    let local = localOf[group];
    if (local === -1) {
      if (count === order.length) return false;
      order[count] = group;
      local = localOf[group] = count++;
    }
    // Without a branch, which random rows would mispredict.
    descent |= local - before;
    before = local;
    ends[local]++;
    locals[row] = local;
  }
  work.count = count;
  work.descent = descent;
  work.before = before;
  return true;
}

/** The rows in the order of their numbers, those of each as they came; written to `rows`. */
function rowsByLocal({ locals, ends }: LocalGroups, rows: Uint32Array): Uint32Array {
  const next = new Uint32Array(ends.length);
  next.set(ends.subarray(0, -1), 1);
  for (let row = 0; row < locals.length; row += rowsAtOnce)
    putSome(locals, next, rows, { from: row, to: Math.min(locals.length, row + rowsAtOnce) });
  return rows;
}

function putSome(
  locals: Uint32Array,
  next: Uint32Array,
  rows: Uint32Array,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  for (let row = from; row < to; row++) rows[next[locals[row]]++] = row;
}
