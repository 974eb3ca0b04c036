import { type Batch, type Column, columnBuilder, type ColumnSpec } from "@tocsin/data/column";
import { compareUtf8 } from "@tocsin/data/value";
import type { Steps } from "@tocsin/platform/host";
import { CellIndex, PairIndex } from "./cell-index.ts";
import { counted, DigitSorter, sortedBy } from "./digit-sort.ts";
import { translate } from "./translate.ts";

const groupsPerStep = 65_536;
/** Fewer groups are sorted by comparing, as a radix sort goes through all possible digits. */
const countedGroups = 1024;

/** Keys with the same labels. Pairing the numbers of their cells, label by label, gives the numbers of groups. */
interface Signature {
  readonly labels: readonly string[];
  readonly pairs: readonly PairIndex[];
  /** The group of each number that the last pairing gives; -1: it has not occurred. */
  groups: Int32Array;
}

/** The group of each table of a batch (`byTable`), or of each row. */
export interface Grouped {
  readonly groups: Uint32Array;
  readonly byTable: boolean;
}

/**
 * Numbers group keys from 0 in the order in which they come. Compares keys as numbers, label by label, never as text.
 */
export class GroupIndex {
  readonly #cells = new Map<string, CellIndex>();
  readonly #signatures = new Map<string, Signature>();
  /** The signature of each group, and the number of its cells there. */
  readonly #group: { readonly signature: Signature; readonly id: number }[] = [];

  get size(): number {
    return this.#group.length;
  }
  /** The groups of a batch's tables, or of its rows if a key column can differ within a table. */
  groupsOf(batch: Batch, isKey: (spec: ColumnSpec) => boolean): Grouped {
    const key = batch.schema.flatMap((spec, i) =>
      isKey(spec) ? [{ label: spec.label, at: i }] : [],
    );
    key.sort((a, b) => compareUtf8(a.label, b.label));
    const byTable = key.every(({ at }) => batch.columns[at].form === "table");
    const signature = this.#signature(key.map(({ label }) => label));
    let ids = new Uint32Array(key.length > 0 ? 0 : byTable ? batch.tableEnds.length : batch.rows);
    key.forEach(({ label, at }, i) => {
      const codes = this.#codes(label, batch, at, byTable);
      if (i === 0) ids = codes;
      else signature.pairs[i - 1].number(ids, codes);
    });
    this.#toGroups(ids, signature);
    return { groups: ids, byTable };
  }
  /** All groups, sorted as upstream sorts tables. */
  *sorted(): Steps<Uint32Array<ArrayBuffer>> {
    const ranks = new Map<string, Uint32Array>();
    for (const [label, cells] of this.#cells) ranks.set(label, yield* cells.ranks());
    const keys = yield* this.#rankColumns(ranks);
    const order = counted(this.#group.length);
    const compare = (a: number, b: number): number => {
      const left = this.#group[a].signature;
      const right = this.#group[b].signature;
      if (left !== right) return compareLabelled(keys, { left, a }, { right, b });
      for (let i = 0; i < left.labels.length; i++)
        if (keys[i][a] !== keys[i][b]) return keys[i][a] - keys[i][b];
      return 0;
    };
    let inOrder = true;
    for (let group = 1; inOrder && group < order.length; group++)
      inOrder = compare(group - 1, group) <= 0;
    if (inOrder) return order;
    if (this.#signatures.size > 1 || order.length < countedGroups)
      return yield* sortedBy(order, compare);
    const sorter = new DigitSorter(order);
    for (const key of keys.toReversed()) {
      yield* sorter.pass(key, 0);
      yield* sorter.pass(key, 16);
    }
    return sorter.order;
  }
  /** The key column `spec` of a batch whose tables are these groups, which must have the same labels. */
  column(spec: ColumnSpec, groups: Uint32Array): Column {
    const cells = this.#cells.get(spec.label);
    if (cells === undefined || groups.length === 0)
      return { kind: spec.kind, form: "table", values: columnBuilder(spec.kind, 0).finish() };
    const at = this.#group[groups[0]].signature.labels.indexOf(spec.label);
    const codes = groups.map((group) => this.#code(group, at));
    return { kind: spec.kind, form: "table", values: cells.column(spec.kind, codes) };
  }

  /** The rank of each group's cell under the first, the second, … label of its signature. */
  *#rankColumns(ranks: ReadonlyMap<string, Uint32Array>): Steps<Uint32Array[]> {
    const columns: Uint32Array[] = [];
    for (const [group, { signature, id }] of this.#group.entries()) {
      const { labels, pairs } = signature;
      if (group % groupsPerStep === 0) yield;
      let number = id;
      for (let i = labels.length - 1; i >= 0; i--) {
        columns[i] ??= new Uint32Array(this.#group.length);
        const code = i === 0 ? number : pairs[i - 1].right(number);
        columns[i][group] = ranks.get(labels[i])?.[code] ?? 0;
        if (i > 0) number = pairs[i - 1].left(number);
      }
    }
    return columns;
  }
  #signature(labels: readonly string[]): Signature {
    const text = labels.join("\u0000");
    let signature = this.#signatures.get(text);
    if (signature === undefined) {
      const pairs = labels.slice(1).map(() => new PairIndex());
      this.#signatures.set(
        text,
        (signature = { labels, pairs, groups: new Int32Array(16).fill(-1) }),
      );
    }
    return signature;
  }
  #codes(label: string, batch: Batch, at: number, byTable: boolean): Uint32Array<ArrayBuffer> {
    let cells = this.#cells.get(label);
    if (cells === undefined) this.#cells.set(label, (cells = new CellIndex()));
    const column = batch.columns[at];
    const flat = column.form === "table" ? column.values : column;
    const codes = new Uint32Array(column.form === "table" ? batch.tableEnds.length : batch.rows);
    cells.codesOf(flat, codes);
    return column.form === "table" && !byTable ? perRow(codes, batch) : codes;
  }
  #toGroups(ids: Uint32Array, signature: Signature): void {
    const all = { numbers: ids, into: ids };
    let row = 0;
    while ((row = translate(all, signature.groups, row)) < ids.length) {
      const id = ids[row];
      if (id >= signature.groups.length) signature.groups = roomFor(signature.groups, id);
      signature.groups[id] = this.#group.push({ signature, id }) - 1;
    }
  }
  /** The number of a group's cell under label `at` of its signature. */
  #code(group: number, at: number): number {
    const { signature, id } = this.#group[group];
    let number = id;
    for (let i = signature.labels.length - 1; i > 0; i--) {
      const pairs = signature.pairs[i - 1];
      if (i === at) return pairs.right(number);
      number = pairs.left(number);
    }
    return number;
  }
}

/** The same numbers with room for `at`, filled up with -1. */
function roomFor(numbers: Int32Array, at: number): Int32Array {
  const larger = new Int32Array(Math.max(at + 1, numbers.length * 2)).fill(-1, numbers.length);
  larger.set(numbers);
  return larger;
}

/** A number for each table, repeated for each of its rows. */
export function perRow(perTable: Uint32Array, batch: Batch): Uint32Array<ArrayBuffer> {
  const codes = new Uint32Array(batch.rows);
  let row = 0;
  for (let table = 0; table < perTable.length; table++)
    while (row < batch.tableEnds[table]) codes[row++] = perTable[table];
  return codes;
}

/** As `compareKeys` of data/column, on ranks instead of cells. */
function compareLabelled(
  keys: readonly Uint32Array[],
  { left, a }: { readonly left: Signature; readonly a: number },
  { right, b }: { readonly right: Signature; readonly b: number },
): number {
  const count = Math.min(left.labels.length, right.labels.length);
  for (let i = 0; i < count; i++) {
    const byLabel = compareUtf8(left.labels[i], right.labels[i]);
    if (byLabel !== 0) return -byLabel;
    if (keys[i][a] !== keys[i][b]) return keys[i][a] - keys[i][b];
  }
  return left.labels.length - right.labels.length;
}
