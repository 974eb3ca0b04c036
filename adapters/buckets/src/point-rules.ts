import { isTagKey, type LinePoint } from "@tocsin/data/codec";

/**
 * Why a point cannot be stored, where it did not come from line protocol, whose parser sees to it:
 * what InfluxDB refuses, and what could not be read again.
 */
export function faultOf({ tags, fields }: LinePoint): string | undefined {
  if (fields.length === 0) return "a point has no field";
  for (const [key] of tags) {
    if (!isTagKey(key)) return `a tag may not be called ${JSON.stringify(key)}`;
  }
  for (const [key, kind, value] of fields) {
    if (key === "time")
      return `a field may not be called "time", which is the name of the timestamp`;
    if (kind === "float" && !Number.isFinite(value)) {
      return `field ${JSON.stringify(key)} is ${String(value)}, which buckets cannot hold`;
    }
  }
  return undefined;
}
