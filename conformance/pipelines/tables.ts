import type { Dice } from "./dice.ts";
import type { Kind, Shape } from "./shape.ts";

/** Names of CSV's types. */
const datatypes: Readonly<Record<Kind, string>> = {
  float: "double",
  int: "long",
  uint: "unsignedLong",
  string: "string",
  bool: "boolean",
  time: "dateTime:RFC3339Nano",
};

/** Midnight of the first day, milliseconds since 1970. */
const start = Date.UTC(2026, 0, 31);

/** Random tables as annotated CSV: a few series, points in order, some cells empty. */
interface Source {
  readonly csv: string;
  readonly shape: Shape;
}

/** Makes some tables. `rows`: of one table at most. */
export function tables(dice: Dice, rows = 12): Source {
  const value = dice.one<Kind>(["float", "float", "float", "int", "int", "uint", "string", "bool"]);
  const extra = dice.some<readonly [string, Kind]>([
    ["n", "int"],
    ["f", "float"],
    ["ok", "bool"],
    ["note", "string"],
  ]);
  const tags = dice.some(["host", "region"], 1);
  const columns: (readonly [string, Kind])[] = [
    ["_time", "time"],
    ["_value", value],
    ...tags.map((tag) => [tag, "string"] as const),
    ...extra,
  ];
  const key = dice.chance(0.85) ? tags : [];
  const full = dice.chance(0.5);
  const lines = header(columns, key);
  const step = dice.one([1000, 10_000, 10_000, 60_000, 3_600_000, 7_500]);
  const seen = new Set<string>();
  const count = 1 + dice.below(4);
  for (let table = 0; table < count; table++) {
    const names = new Map(tags.map((tag) => [tag, `${tag[0]}${dice.below(3)}`]));
    const id = JSON.stringify(key.map((tag) => names.get(tag)));
    if (seen.has(id)) continue;
    seen.add(id);
    let at = start + dice.below(20) * step;
    const many = 1 + dice.below(rows);
    for (let row = 0; row < many; row++) {
      at += step * dice.one([1, 1, 1, 1, 2, 3]);
      const cells = columns.map(([label, kind]) => {
        const name = names.get(label);
        if (name !== undefined) return name;
        if (label === "_time") return new Date(at).toISOString();
        return !full && dice.chance(0.15) ? "" : cell(dice, kind);
      });
      lines.push(`,,${seen.size - 1},${cells.join(",")}`);
    }
  }
  const origin = { columns: new Map(columns), key };
  return {
    csv: `${lines.join("\n")}\n`,
    shape: { origin, ...origin, ordered: true, full, empties: false },
  };
}

function header(columns: readonly (readonly [string, Kind])[], key: readonly string[]): string[] {
  const of = (word: string, each: (label: string, kind: Kind) => string): string =>
    [word, ...columns.map(([label, kind]) => each(label, kind))].join(",");
  return [
    of("#datatype,string,long", (_label, kind) => datatypes[kind]),
    of("#group,false,false", (label) => String(key.includes(label))),
    of("#default,_result,", () => ""),
    of(",result,table", (label) => label),
  ];
}

/** Few values, so that equal ones meet. */
function cell(dice: Dice, kind: Kind): string {
  switch (kind) {
    case "float":
      return String(dice.one([0, 1, -1, 0.5, 2.25, -3.75, 10, 99.9, 1e-3, 12345.678]));
    case "int":
      return String(dice.one([0, 1, 2, 3, -1, -7, 10, 100, 4096]));
    case "uint":
      return String(dice.one([0, 1, 2, 3, 10, 100, 4096]));
    case "string":
      return dice.one(["a", "b", "ab", "Abc", "b c", "x1", "éa"]);
    case "bool":
      return dice.one(["true", "false"]);
    case "time":
      return new Date(start + dice.below(100) * 60_000).toISOString();
  }
}
