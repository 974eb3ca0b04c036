import type { SQLOutputValue } from "node:sqlite";
import { DatabaseError, type SqlCell, type SqlColumn } from "@tocsin/platform/host";
import { timeOf } from "./sql-text.ts";

type Kind = SqlColumn["kind"];

/** Kinds of the types that a table declares. Other types mean nothing to SQLite, so the values decide. */
const declared: readonly (readonly [RegExp, Kind])[] = [
  [/^(?:INT|INTEGER|BIGINT|SMALLINT|TINYINT)$/iu, "int"],
  [/^(?:FLOAT|DOUBLE|REAL)/iu, "float"],
  [/^(?:DATETIME|TIMESTAMP|DATE)$/iu, "time"],
  [/^(?:BOOL|BOOLEAN)$/iu, "bool"],
  [/^(?:TEXT|VARCHAR|CHAR|CLOB|BLOB)/iu, "string"],
];

/** The columns of an answer, by their declared types, else by the values in the first rows. */
export function kindsOf(
  columns: readonly { readonly label: string; readonly type: string | null }[],
  rows: readonly SQLOutputValue[][],
): SqlColumn[] {
  return columns.map(({ label, type }, at) => {
    const known = declared.find(([pattern]) => pattern.test(type ?? ""));
    return { label, kind: known?.[1] ?? kindOfValues(rows.map((row) => row[at])) };
  });
}

function kindOfValues(cells: readonly SQLOutputValue[]): Kind {
  const there = cells.filter((cell) => cell !== null);
  if (
    there.length === 0 ||
    there.some((cell) => typeof cell !== "bigint" && typeof cell !== "number")
  )
    return "string";
  return there.every((cell) => typeof cell === "bigint") ? "int" : "float";
}

/** A value as a column of a kind holds it. SQLite allows any value in any column. */
export function sqliteCell(cell: SQLOutputValue, { label, kind }: SqlColumn): SqlCell {
  if (cell === null) return null;
  switch (kind) {
    case "string":
      return typeof cell === "object" ? new TextDecoder().decode(cell) : String(cell);
    case "float":
      if (typeof cell === "bigint" || typeof cell === "number") return Number(cell);
      break;
    case "bool":
      if (typeof cell === "bigint") return cell !== 0n;
      break;
    case "time":
      if (typeof cell === "string") return timeOf(cell, label);
      if (typeof cell === "bigint") return cell * unixUnit(cell);
      break;
    default:
      if (typeof cell === "bigint") return cell;
  }
  const found = typeof cell === "object" ? "bytes" : `"${cell}"`;
  throw new DatabaseError(
    `column ${label} is ${kind}, but a row holds ${found}`,
    `say in the query what it should be, for instance with CAST(${label} AS TEXT)`,
  );
}

/** A number in a time column is seconds since 1970, or milliseconds where seconds would be tens of thousands of years. */
const unixUnit = (value: bigint): bigint =>
  value > 1_000_000_000_000n || value < -1_000_000_000_000n ? 1_000_000n : 1_000_000_000n;
