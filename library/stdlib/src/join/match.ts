import { type Batch, tableStart } from "@tocsin/data/column";
import type { Compare } from "@tocsin/engine/execute";
import { type KeyedRows, orderBetween, unmatchable } from "./key-order.ts";
import { type JoinOutput, NO_ROW } from "./output.ts";

/** Whose rows come out that match none: those of no side, of one, or of both. */
export type JoinMethod = "inner" | "left" | "right" | "full";

/** Rows of one side that are still to be matched, as places in the order of keys. */
class Cursor {
  readonly #rows: Uint32Array | undefined;
  readonly isMissing: (row: number) => boolean;
  readonly kept: boolean;
  at = 0;
  end = 0;

  constructor(keyed: KeyedRows | undefined, kept: boolean) {
    this.#rows = keyed?.rows;
    this.isMissing = keyed === undefined ? () => true : unmatchable(keyed);
    this.kept = kept;
  }
  enter(batch: Batch | undefined, table: number): void {
    this.at = batch === undefined ? 0 : tableStart(batch, table);
    this.end = batch === undefined ? 0 : batch.tableEnds[table];
  }
  row(place: number): number {
    return this.#rows === undefined ? place : this.#rows[place];
  }
}

/**
 * Merges tables of two batches in the order of their keys: rows with equal keys make each pair,
 * rows that match none come out as `method` says. Stops when the output is full, and goes on then.
 */
export class TableMatch {
  readonly #left: Cursor;
  readonly #right: Cursor;
  readonly #leftBatch: Batch | undefined;
  readonly #rightBatch: Batch | undefined;
  readonly #order: Compare;
  /**
   * Places of equal keys whose pairs are being made: left from `#a` to `#aEnd`, each with all right
   * ones.
   */
  #a = 0;
  #aEnd = 0;
  #b = 0;
  #bStart = 0;
  #bEnd = 0;

  /** A side that has no tables is undefined. */
  constructor(left: KeyedRows | undefined, right: KeyedRows | undefined, method: JoinMethod) {
    this.#left = new Cursor(left, method === "left" || method === "full");
    this.#right = new Cursor(right, method === "right" || method === "full");
    this.#leftBatch = left?.batch;
    this.#rightBatch = right?.batch;
    this.#order = left === undefined || right === undefined ? () => 0 : orderBetween(left, right);
  }
  /** Begins with one table of each side. */
  enter(left: number, right: number): void {
    this.#left.enter(this.#leftBatch, left);
    this.#right.enter(this.#rightBatch, right);
    this.#a = this.#aEnd = 0;
  }
  /** Makes rows; false: the output is full, and at least one row is still to come. */
  step(output: JoinOutput): boolean {
    const left = this.#left;
    const right = this.#right;
    for (;;) {
      if (this.#a < this.#aEnd) {
        if (!this.#pairs(output)) return false;
      } else if (left.at === left.end && right.at === right.end) return true;
      else {
        const sign = this.#sign();
        if (sign === 0) this.#meet();
        else if (sign < 0) {
          if (left.kept && output.full) return false;
          const row = left.row(left.at++);
          if (left.kept) output.add(row, NO_ROW);
        } else {
          if (right.kept && output.full) return false;
          const row = right.row(right.at++);
          if (right.kept) output.add(NO_ROW, row);
        }
      }
    }
  }

  /** Which side's next row comes first; 0: their keys are equal. */
  #sign(): number {
    const left = this.#left;
    const right = this.#right;
    if (right.at === right.end) return -1;
    if (left.at === left.end) return 1;
    const row = left.row(left.at);
    if (left.isMissing(row)) return -1;
    const other = right.row(right.at);
    return right.isMissing(other) ? 1 : this.#order(row, other);
  }
  /** The next rows of both sides have equal keys: finds all that do. */
  #meet(): void {
    const left = this.#left;
    const right = this.#right;
    const row = left.row(left.at);
    const other = right.row(right.at);
    this.#a = left.at++;
    this.#bStart = this.#b = right.at++;
    while (left.at < left.end && this.#order(left.row(left.at), other) === 0) left.at++;
    while (right.at < right.end && this.#order(row, right.row(right.at)) === 0) right.at++;
    this.#aEnd = left.at;
    this.#bEnd = right.at;
  }
  #pairs(output: JoinOutput): boolean {
    for (; this.#a < this.#aEnd; this.#a++) {
      const row = this.#left.row(this.#a);
      for (; this.#b < this.#bEnd; this.#b++) {
        if (output.full) return false;
        output.add(row, this.#right.row(this.#b));
      }
      this.#b = this.#bStart;
    }
    return true;
  }
}
