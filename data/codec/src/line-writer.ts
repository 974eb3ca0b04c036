import { formatFloat, invalid } from "@tocsin/data/value";
import type { LineField, LinePoint } from "./line-point.ts";

/**
 * A point as a line of line protocol, with its time in nanoseconds and without line break. Throws for
 * what the notation cannot say: names with a line break in them or a backslash at their end, and
 * floats that are no numbers.
 */
export function lineOf(point: LinePoint): string {
  const measurement = name(point.measurement, /[, ]/g);
  const tags = point.tags.map(([key, value]) => `,${name(key, tagMarks)}=${name(value, tagMarks)}`);
  const fields = point.fields.map(fieldText).join(",");
  return `${measurement}${tags.join("")} ${fields} ${point.time}`;
}

const tagMarks = /[, =]/g;

function name(text: string, marks: RegExp): string {
  if (text.endsWith("\\") || text.includes("\n")) {
    throw invalid(
      `the name ${JSON.stringify(text)} cannot be written as line protocol: ` +
        `it ends in a backslash or holds a line break`,
    );
  }
  return text.replace(marks, "\\$&");
}

function fieldText([key, kind, value]: LineField): string {
  return `${name(key, /[, ="]/g)}=${valueText(kind, value)}`;
}

function valueText(kind: LineField[1], value: LineField[2]): string {
  switch (kind) {
    case "int":
      return `${value}i`;
    case "uint":
      return `${value}u`;
    case "bool":
      return `${value}`;
    case "string":
      return `"${String(value).replace(/["\\]/g, "\\$&")}"`;
    case "float": {
      if (Number.isFinite(value)) return formatFloat(Number(value));
      throw invalid(`${value} cannot be written as line protocol`);
    }
  }
}
