import type { ColumnKind } from "@tocsin/data/value";
import type { FlatColumn } from "./column.ts";
import { Dictionary } from "./dictionary.ts";

/** Zeros that all blank columns share; replaced when a column needs more of them. */
let zeros = new ArrayBuffer(0);
const shared = new WeakSet<ArrayBufferLike>();
const noText = new Dictionary();

/**
 * A column of `rows` cells that nobody looks at: it stands for those that were not read, where it matters
 * that the column is there, and how long it is. Takes no memory of its own.
 */
export function blankColumn(kind: ColumnKind, rows: number): FlatColumn {
  if (rows * 8 > zeros.byteLength) {
    zeros = new ArrayBuffer(Math.max(rows * 8, zeros.byteLength * 2));
    shared.add(zeros);
  }
  const valid = undefined;
  switch (kind) {
    case "float":
      return { kind, form: "flat", data: new Float64Array(zeros, 0, rows), valid };
    case "int":
    case "time":
      return { kind, form: "flat", data: new BigInt64Array(zeros, 0, rows), valid };
    case "uint":
      return { kind, form: "flat", data: new BigUint64Array(zeros, 0, rows), valid };
    case "bool":
      return { kind, form: "flat", data: new Uint8Array(zeros, 0, rows), valid };
    case "string": {
      if (noText.size === 0) noText.codeOfBytes(new Uint8Array(0), 0, 0);
      const codes = new Uint32Array(zeros, 0, rows);
      return { kind, form: "coded", codes, dictionary: noText, valid };
    }
  }
}

/** Whether a column is one of these. */
export function isBlank(column: FlatColumn): boolean {
  if (column.form === "flat") return shared.has(column.data.buffer);
  return column.form === "coded" && shared.has(column.codes.buffer);
}
