import type { FieldKind } from "@tocsin/data/codec";
import type { StorageComparison, StoragePredicate } from "@tocsin/engine/plan";

/** A text as a literal of SQL. NUL cannot stand in a statement; it is put together. */
export function sqlText(text: string): string {
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0] : `(${parts.join(" || chr(0) || ")})`;
}

/**
 * A condition on the column `value` of the points of `kind`, as SQL, that holds wherever `predicate`
 * does. `exact`: and nowhere else, given that the series passed; what is not exact is tested again.
 */
export function valueSql(
  predicate: StoragePredicate | undefined,
  kind: FieldKind,
): { readonly sql: string; readonly exact: boolean } {
  if (predicate === undefined) return { sql: "TRUE", exact: true };
  switch (predicate.kind) {
    case "and": {
      const left = valueSql(predicate.left, kind);
      const right = valueSql(predicate.right, kind);
      return { sql: `(${left.sql} AND ${right.sql})`, exact: left.exact && right.exact };
    }
    case "or":
      // Which side holds may differ from series to series.
      return mentionsValue(predicate)
        ? { sql: "TRUE", exact: false }
        : { sql: "TRUE", exact: true };
    case "exists":
      return { sql: "TRUE", exact: true };
    case "comparison": {
      if (predicate.column !== "_value") return { sql: "TRUE", exact: true };
      const sql = comparisonSql(predicate, kind);
      return sql === undefined ? { sql: "TRUE", exact: false } : { sql, exact: true };
    }
  }
}

function mentionsValue(predicate: StoragePredicate): boolean {
  if (predicate.kind === "and" || predicate.kind === "or") {
    return mentionsValue(predicate.left) || mentionsValue(predicate.right);
  }
  return predicate.kind === "comparison" && predicate.column === "_value";
}

const operators: Readonly<Partial<Record<StorageComparison["operator"], string>>> = {
  "==": "=",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/** Undefined where SQL would not compare as the engine does. */
function comparisonSql(
  { operator, literal }: StorageComparison,
  kind: FieldKind,
): string | undefined {
  const sign = operators[operator];
  const { value } = literal;
  if (sign === undefined || value === null) return undefined;
  if (kind === "string" && literal.kind === "string")
    return `value ${sign} ${sqlText(String(value))}`;
  if (kind === "float" && typeof value === "number") return `value ${sign} ${value}::DOUBLE`;
  const whole = typeof value === "bigint" ? value : wholeOf(value);
  if (whole === undefined) return undefined;
  if (kind === "float") {
    return BigInt(Number(whole)) === whole ? `value ${sign} ${whole}::DOUBLE` : undefined;
  }
  if (kind === "int" && whole >= -(2n ** 63n) && whole < 2n ** 63n) return `value ${sign} ${whole}`;
  if (kind === "uint" && whole >= 0n && whole < 2n ** 64n) return `value ${sign} ${whole}`;
  return undefined;
}

function wholeOf(value: unknown): bigint | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
}
