import { formatFloat } from "@tocsin/data/value";
import type { LineField, LinePoint } from "./line-point.ts";

/** A point as a line of line protocol, with its time in nanoseconds and without line break. */
export function lineOf(point: LinePoint): string {
  const tags = point.tags.map(([key, value]) => `,${escaped(key)}=${escaped(value)}`).join("");
  const fields = point.fields.map(fieldText).join(",");
  return `${point.measurement.replace(/[, ]/g, "\\$&")}${tags} ${fields} ${point.time}`;
}

function escaped(name: string): string {
  return name.replace(/[, =]/g, "\\$&");
}

function fieldText([key, kind, value]: LineField): string {
  const name = escaped(key);
  switch (kind) {
    case "int":
      return `${name}=${value}i`;
    case "uint":
      return `${name}=${value}u`;
    case "float":
      return `${name}=${formatFloat(value as number)}`;
    case "bool":
      return `${name}=${value}`;
    case "string":
      return `${name}="${(value as string).replace(/["\\]/g, "\\$&")}"`;
  }
}
