import { formatFloat, formatTimeNano } from "@tocsin/data/value";
import type { BucketRead, StorageComparison, StoragePredicate } from "@tocsin/engine/plan";

/** A read as Flux, for a server that evaluates it as its storage would, under the bucket's name there. */
export function fluxOf(request: BucketRead, bucket: string): string {
  const constants: string[] = [];
  const steps = [
    `from(bucket: ${text(bucket)})`,
    `range(start: ${formatTimeNano(request.start)}, stop: ${formatTimeNano(request.stop)})`,
  ];
  if (request.predicate !== undefined) {
    steps.push(`filter(fn: (r) => ${condition(request.predicate, constants)})`);
  }
  if (request.aggregate !== undefined) steps.push(aggregate(request.aggregate));
  return [...constants, steps.join("\n  |> ")].join("\n");
}

function aggregate({ function: name, window }: NonNullable<BucketRead["aggregate"]>): string {
  if (window === undefined) return `${name}()`;
  const { every, offset, createEmpty } = window;
  return `aggregateWindow(every: ${every}ns, offset: ${offset}ns, fn: ${name}, createEmpty: ${createEmpty})`;
}

function condition(predicate: StoragePredicate, constants: string[]): string {
  switch (predicate.kind) {
    case "and":
    case "or": {
      const left = condition(predicate.left, constants);
      return `(${left} ${predicate.kind} ${condition(predicate.right, constants)})`;
    }
    case "exists":
      return `exists r[${text(predicate.column)}]`;
    case "comparison": {
      const value = literal(predicate.literal, constants);
      return `r[${text(predicate.column)}] ${predicate.operator} ${value}`;
    }
  }
}

function literal({ kind, value }: StorageComparison["literal"], constants: string[]): string {
  switch (kind) {
    case "string":
      return text(String(value));
    case "regexp":
      return regexp(String(value));
    case "bool":
      return String(value);
    case "uint":
      return `uint(v: ${text(String(value))})`;
    case "int":
      return positive(String(value), constants);
    case "float":
      return positive(floatText(Number(value)), constants);
  }
}

function floatText(value: number): string {
  const digits = formatFloat(value);
  return digits.includes(".") ? digits : `${digits}.0`;
}

/** Storage takes literals without a sign only, but a name for a negative number. */
function positive(number: string, constants: string[]): string {
  if (!number.startsWith("-")) return number;
  const name = `negative${constants.length}`;
  // The smallest whole number has no positive counterpart to take the sign of.
  const smallest = number === "-9223372036854775808";
  constants.push(`${name} = ${smallest ? "-9223372036854775807 - 1" : number}`);
  return name;
}

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A string literal. `${` begins an expression in one, and must not. */
function text(value: string): string {
  const escaped = value
    .replace(/["\\]/g, "\\$&")
    .replace(/[\n\r\t]/g, (character) => escapes[character])
    .replaceAll("${", "\\${");
  return `"${escaped}"`;
}

/** A pattern as a literal: slashes escaped, and never empty, which would be a comment. */
function regexp(pattern: string): string {
  if (pattern === "") return "/(?:)/";
  const parts = pattern.match(/\\[\s\S]|[\s\S]/g) ?? [];
  const escaped = parts.map((part) => (part === "/" ? "\\/" : part === "\n" ? "\\n" : part));
  return `/${escaped.join("")}/`;
}
