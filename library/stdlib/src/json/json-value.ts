import {
  array,
  bool,
  float,
  invalid,
  type Json,
  NULL,
  parseJson,
  record,
  string,
  type Value,
} from "@tocsin/data/value";
import type { Arguments } from "@tocsin/engine/interpret";
import { utf8 } from "@tocsin/platform/host";

/** The value that the JSON text in the argument `data` stands for. All numbers are floats. */
export function jsonValue(args: Arguments): Value {
  const result = parseJson(textOf(args));
  if ("value" in result) return valueOf(result.value);
  throw invalid(
    `${args.function}: this is no JSON: ${result.reason}`,
    `line ${result.line}, column ${result.column} of the text`,
  );
}

function textOf(args: Arguments): string {
  try {
    return utf8.decodeStrict(args.bytes("data"));
  } catch {
    throw invalid(`${args.function}: the bytes are not UTF-8`);
  }
}

function valueOf(json: Json): Value {
  if (json === null) return NULL;
  if (typeof json === "boolean") return bool(json);
  if (typeof json === "string") return string(json);
  if (typeof json === "number" || typeof json === "bigint") return float(Number(json));
  if (Array.isArray(json)) return array(json.map(valueOf));
  return record([...json].map(([key, one]) => [key, valueOf(one)]));
}
