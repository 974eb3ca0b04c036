import { formatTimeNano, parseTime } from "@tocsin/data/value";
import { DatabaseError, type SqlCell, type SqlColumn } from "@tocsin/platform/host";

/** An identifier in double quotes, as both databases take it. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The statement that creates a table unless it exists. `types`: the database's types by kind. */
export function createTable(
  table: string,
  columns: readonly SqlColumn[],
  types: Readonly<Record<SqlColumn["kind"], string>>,
): string {
  const parts = columns.map(({ label, kind }) => `${quoted(label)} ${types[kind]}`);
  return `CREATE TABLE IF NOT EXISTS ${quoted(table)} (${parts.join(",")})`;
}

/** The beginning of a statement that adds rows. */
export const insertInto = (table: string, columns: readonly SqlColumn[]): string =>
  `INSERT INTO ${quoted(table)} (${columns.map(({ label }) => quoted(label)).join(",")}) VALUES `;

/** A time as SQL writes it, in UTC: `2020-01-01 10:00:00.5+00:00`. */
export const timeText = (nanoseconds: bigint): string =>
  formatTimeNano(nanoseconds).replace("T", " ").replace("Z", "+00:00");

const written =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?\s?(?:Z|([+-]\d\d)(?::?(\d\d))?)?)?$/u;

/** Nanoseconds of a time as databases write it; without a zone it is in UTC. */
export function timeOf(text: string, column: string): SqlCell {
  const found = written.exec(text.trim());
  if (found !== null) {
    const [, day, minutes = "00:00", seconds = ":00", hours, rest = "00"] = found;
    const zone = hours === undefined ? "Z" : `${hours}:${rest}`;
    const time = parseTime(`${day}T${minutes}${seconds}${zone}`);
    if (typeof time === "bigint") return time;
  }
  throw new DatabaseError(
    `column ${column} holds "${text}", which is not a time between 1677 and 2262`,
    "turn it into text in the query, for instance with CAST(… AS TEXT)",
  );
}
