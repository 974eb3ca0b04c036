import type { LogicalNode } from "@tocsin/engine/plan";
import type { NullCause, Row } from "./value.ts";
import { row } from "./row.ts";

/** Which columns tell the tables of a stream apart; undefined: not known. */
export type Key =
  | { readonly mode: "by" | "except"; readonly columns: readonly string[] }
  | undefined;

/** What is known of the rows that a step of the plan makes. */
export interface Rows {
  /** Any one of them. */
  readonly row: Row;
  readonly key: Key;
  /** There is at most one row in all. */
  readonly single: boolean;
  /** Windows without rows have made tables without rows. */
  readonly emptyWindows: NullCause | undefined;
}

/** Rows of which nothing is known. */
export const anyRows = (): Rows => ({
  row: row([], { rest: "unknown" }),
  key: undefined,
  single: false,
  emptyWindows: undefined,
});

/** Whether a column is surely in the key: then it has a value in every row of a table. */
export function inKey(key: Key, label: string): boolean {
  return key !== undefined && key.columns.includes(label) === (key.mode === "by");
}

/** Whether all rows are in one table. */
export const oneTable = (key: Key): boolean => key?.mode === "by" && key.columns.length === 0;

/** What a step is called in messages, with the place of its call. */
export const step = (node: LogicalNode): { word: string; at: LogicalNode["at"] } => ({
  word: node.kind.name,
  at: node.at,
});
