import type { Location } from "@tocsin/data/value";
import {
  type Abstract,
  type Gone,
  type NullCause,
  type Row,
  type Unknown,
  unknown,
} from "./value.ts";

/** A row with these fields, and nothing else unless `rest` says so. */
export function row(
  fields: Iterable<readonly [string, Abstract]>,
  more: Partial<Omit<Row, "kind" | "fields">> = {},
): Row {
  return {
    kind: "row",
    fields: new Map(fields),
    gone: new Map(),
    rest: "none",
    closed: undefined,
    missing: undefined,
    pivoted: undefined,
    asked: new Map(),
    written: new Map(),
    ...more,
  };
}

/** What `row.label` gives. */
export function fieldOf(of: Row, label: string): Abstract {
  const found = of.fields.get(label) ?? of.gone.get(label) ?? of.asked.get(label);
  if (found !== undefined) return found;
  const made = guessed(of, label);
  of.asked.set(label, made);
  return made;
}

/** Columns that `monitor.check` and `monitor.notify` write: nanoseconds since the epoch. */
const nanoseconds = { type: "int", unit: "ns" } as const;
const written: ReadonlyMap<string, Partial<Unknown>> = new Map([
  ["_source_timestamp", nanoseconds],
  ["_status_timestamp", nanoseconds],
]);

function guessed(of: Row, label: string): Abstract {
  if (of.rest === "none")
    return { kind: "gone", label, ...(of.closed ?? { by: "", at: undefined }) };
  const role = of.rest === "tags" ? "tag" : "other";
  return unknown({
    type: of.rest === "tags" ? "string" : undefined,
    from: [{ kind: "column", label, role }],
    mayBeNull: of.missing,
    perhapsNull: of.pivoted,
    ...written.get(label),
  });
}

/** The row with some fields given anew. */
export function withFields(of: Row, given: Iterable<readonly [string, Abstract]>): Row {
  const fields = new Map(of.fields);
  const gone = new Map(of.gone);
  for (const [label, value] of given) {
    fields.set(label, value);
    gone.delete(label);
  }
  return { ...of, fields, gone, written: new Map() };
}

/** The row without the fields that `loses` names, each with who took it. */
export function withoutFields(
  of: Row,
  labels: Iterable<string>,
  by: { readonly word: string; readonly at: Location | undefined },
): Row {
  const fields = new Map(of.fields);
  const gone = new Map(of.gone);
  const asked = new Map(of.asked);
  for (const label of labels) {
    fields.delete(label);
    asked.delete(label);
    gone.set(label, { kind: "gone", label, by: by.word, at: by.at } satisfies Gone);
  }
  return { ...of, fields, gone, asked, written: new Map() };
}

/** Only the fields that `keeps` names are left; the others have been taken. */
export function onlyFields(
  of: Row,
  labels: readonly string[],
  by: { readonly word: string; readonly at: Location | undefined },
): Row {
  const lost = [...of.fields.keys(), ...of.asked.keys()].filter((label) => !labels.includes(label));
  const kept = labels.flatMap((label): [string, Abstract][] => {
    const value = fieldOf(of, label);
    return value.kind === "gone" ? [] : [[label, value]];
  });
  const left = withoutFields(row(kept, { gone: of.gone }), lost, by);
  return { ...left, rest: "none", closed: { by: by.word, at: by.at } };
}

/** The row with each of its values changed. */
export function eachField(of: Row, change: (value: Abstract, label: string) => Abstract): Row {
  const changed = (fields: ReadonlyMap<string, Abstract>): Map<string, Abstract> =>
    new Map([...fields].map(([label, value]) => [label, change(value, label)]));
  return { ...of, fields: changed(of.fields), asked: changed(of.asked) };
}

/** The row as the missing side of an outer join has it: every value may be null. */
export function missingRow(of: Row, cause: NullCause, sure: (label: string) => boolean): Row {
  const changed = eachField(of, (value, label) =>
    value.kind !== "unknown" || sure(label)
      ? value
      : { ...value, sure: false, mayBeNull: value.mayBeNull ?? cause },
  );
  return { ...changed, missing: cause };
}
