import type { FieldKind } from "@tocsin/data/codec";
import type { StoragePredicate } from "@tocsin/engine/plan";
import type { Connection } from "./duckdb.ts";
import type { FieldOfSeries } from "./predicate.ts";
import { sqlText } from "./sql.ts";

/** A field of a series with its number in a store. */
export interface NumberedField extends FieldOfSeries {
  readonly id: number;
}

/** The fields of series in a store that `predicate` may hold for, as far as SQL can tell. */
export async function readSeries(
  connection: Connection,
  predicate: StoragePredicate | undefined,
): Promise<NumberedField[]> {
  const where = predicate === undefined ? "TRUE" : seriesSql(predicate);
  const result = await connection.ask(
    `SELECT id, measurement, field, kind, tags FROM series WHERE ${where}`,
  );
  const found: NumberedField[] = [];
  for (const chunk of result.chunks()) {
    const ids = chunk.integers(0);
    const [measurements, fields, kinds, tags] = [1, 2, 3, 4].map((at) => chunk.texts(at));
    for (let row = 0; row < chunk.rows; row++) {
      found.push({
        id: ids[row],
        measurement: measurements.text(row),
        field: fields.text(row),
        kind: kinds.text(row) as FieldKind,
        tags: tagsOf(tags.text(row)),
      });
    }
  }
  return found;
}

/** Tags as the store keeps them: a JSON object, in the order of keys. */
export const tagsText = (tags: FieldOfSeries["tags"]): string =>
  `{${tags.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;

function tagsOf(text: string): FieldOfSeries["tags"] {
  // Not through an object: it would put keys that look like numbers first.
  const tags: [string, string][] = [];
  if (!text.includes("\\")) {
    // Then quotes stand around keys and values alone.
    const parts = text.split('"');
    for (let i = 1; i < parts.length; i += 4) tags.push([parts[i], parts[i + 2]]);
    return tags;
  }
  for (const [, key, value] of text.matchAll(/("(?:[^"\\]|\\.)*"):("(?:[^"\\]|\\.)*")/g)) {
    tags.push([JSON.parse(key) as string, JSON.parse(value) as string]);
  }
  return tags;
}

/** A condition on the table `series` that holds wherever `predicate` may: it only saves reading. */
function seriesSql(predicate: StoragePredicate): string {
  if (predicate.kind === "and" || predicate.kind === "or") {
    return `(${seriesSql(predicate.left)} ${predicate.kind} ${seriesSql(predicate.right)})`;
  }
  if (predicate.kind !== "comparison" || predicate.operator !== "==") return "TRUE";
  const { column, literal } = predicate;
  if (literal.kind !== "string") return "TRUE";
  if (column === "_measurement") return `measurement = ${sqlText(String(literal.value))}`;
  if (column === "_field") return `field = ${sqlText(String(literal.value))}`;
  return "TRUE";
}
