import type { Dice } from "./dice.ts";
import { condition, constant, expression } from "./expressions.ts";
import { type Kind, labelsOf, list, type Origin, type Shape, withColumns } from "./shape.ts";

/** A step of a pipeline, and the stream after it. */
interface Step {
  readonly text: string;
  readonly shape: Shape;
}

type Maker = (dice: Dice, shape: Shape) => Step | undefined;

const numeric: readonly Kind[] = ["float", "int", "uint"];
const every: readonly Kind[] = ["float", "int", "uint", "string", "bool", "time"];

const isTimed = (shape: Shape): boolean =>
  shape.columns.get("_time") === "time" && !shape.key.includes("_time");

/** A step that fits the stream. */
export function step(dice: Dice, shape: Shape): Step {
  for (;;) {
    const made = dice.one(makers)(dice, shape);
    if (made !== undefined && made.shape.columns.size > 0) return made;
  }
}

/** Rows in an order that only their values decide. */
export function sorted(shape: Shape): Step {
  const columns = labelsOf(shape, every);
  return { text: `sort(columns: ${list(columns)})`, shape: { ...shape, ordered: true } };
}

const filter: Maker = (dice, shape) => {
  const keep = dice.chance(0.3);
  const text = `filter(fn: (r) => ${condition(dice, shape)}${keep ? ', onEmpty: "keep"' : ""})`;
  return { text, shape: keep ? { ...shape, empties: true } : shape };
};

const map: Maker = (dice, shape) => {
  const kind = dice.one<Kind>(["float", "float", "int", "string", "bool"]);
  const label = dice.one(["x", "y", "_value", "note"]);
  // Upstream loses the rows of a map that returns only constants.
  if (shape.key.includes(label) || [...shape.columns.keys()].every((one) => one === label)) return undefined;
  const text = `map(fn: (r) => ({r with ${label}: ${expression(dice, shape, kind)}}))`;
  return { text, shape: withColumns(shape, [...shape.columns, [label, kind]]) };
};

const mapAnew: Maker = (dice, shape) => {
  const kept = [...shape.columns].filter(([label]) => label === "_time" || shape.key.includes(label));
  if (kept.length === 0) return undefined;
  const fields = kept.map(([label]) => `${label}: r.${label}`);
  const kind = dice.one<Kind>(["float", "int", "string"]);
  fields.push(`_value: ${expression(dice, shape, kind)}`);
  return {
    text: `map(fn: (r) => ({${fields.join(", ")}}))`,
    shape: withColumns(shape, [...kept, ["_value", kind]]),
  };
};

const group: Maker = (dice, shape) => {
  const texts = labelsOf(shape, ["string", "bool"], { keys: true }).filter((one) => one !== "_value");
  const key = dice.chance(0.3) ? [] : dice.some(texts);
  // Each engine decides which table's rows come first in a merged table.
  const ordered = shape.ordered && shape.key.every((label) => key.includes(label));
  const text = key.length === 0 ? "group()" : `group(columns: ${list(key)})`;
  return { text, shape: { ...shape, key, ordered } };
};

const sort: Maker = (dice, shape) => {
  const columns = labelsOf(shape, every);
  if (columns.length === 0) return undefined;
  if (dice.chance(0.5) || !shape.ordered) return sorted(shape);
  const desc = dice.one(["", ", desc: true"]);
  return { text: `sort(columns: ${list([dice.one(columns)])}${desc})`, shape };
};

/** Steps that depend on the order of rows are used only where that is known. */
const inOrder =
  (maker: Maker): Maker =>
  (dice, shape) =>
    shape.ordered ? maker(dice, shape) : undefined;

const limit: Maker = (dice, shape) => ({
  // Not past the end, where engines differ about the empty table (docs/compatibility.md).
  text: `${dice.one(["limit", "tail"])}(n: ${1 + dice.below(4)})`,
  shape,
});

const reducing = ["sum", "mean", "count", "min", "max", "spread", "stddev", "median", "first", "last"] as const;

/** The kind of an aggregate's result; undefined: it does not accept this kind. */
function resultOf(name: (typeof reducing)[number], kind: Kind): Kind | undefined {
  if (name === "count") return "int";
  if (name === "first" || name === "last") return kind;
  if (name === "mean" || name === "stddev") return numeric.includes(kind) ? "float" : undefined;
  if (name === "median") return kind === "float" ? "float" : undefined;
  if (name === "min" || name === "max") return numeric.includes(kind) || kind === "time" ? kind : undefined;
  return numeric.includes(kind) ? kind : undefined;
}

const selectors: readonly string[] = ["min", "max", "first", "last"];

const aggregate: Maker = (dice, shape) => {
  const name = dice.one(reducing);
  const [column] = [dice.one(labelsOf(shape, every).concat("_value"))];
  const kind = shape.columns.get(column);
  if (kind === undefined || shape.key.includes(column)) return undefined;
  const result = resultOf(name, kind);
  if (result === undefined) return undefined;
  if (selectors.includes(name)) {
    // Upstream gives other null cells a value.
    return shape.ordered && shape.full ? { text: `${name}(column: "${column}")`, shape } : undefined;
  }
  const kept = [...shape.columns].filter(([label]) => shape.key.includes(label));
  return {
    text: `${name}(column: "${column}")`,
    shape: {
      ...withColumns(shape, [...kept, [column, result]]),
      ordered: true,
      full: shape.full && name !== "stddev",
    },
  };
};

const aggregateWindow: Maker = (dice, shape) => {
  const kind = shape.columns.get("_value");
  if (kind === undefined || !isTimed(shape) || shape.key.includes("_value")) return undefined;
  const name = dice.one(reducing);
  const result = resultOf(name, kind);
  if (result === undefined || (selectors.includes(name) && !(shape.full && shape.ordered))) return undefined;
  // Rows of several windows in one new window: upstream's fast path keeps them apart, against its definition.
  if (shape.key.includes("_start")) return undefined;
  const length = dice.one(["10s", "30s", "1m", "10m", "1h", "7s"]);
  const empty = dice.chance(0.5) ? ", createEmpty: false" : "";
  const bounds = "range(start: 2026-01-31T00:00:00Z, stop: 2026-01-31T00:20:00Z)";
  const kept = [...shape.columns].filter(([label]) => shape.key.includes(label));
  const bound = selectors.includes(name) ? [...shape.columns] : kept;
  const columns: (readonly [string, Kind])[] = [
    ...bound,
    ["_start", "time"],
    ["_stop", "time"],
    ["_time", "time"],
    ["_value", result],
  ];
  return {
    text: `${bounds} |> aggregateWindow(every: ${length}, fn: ${name}${empty})`,
    shape: {
      origin: shape.origin,
      columns: new Map(columns),
      key: [...new Set([...shape.key, "_start", "_stop"])],
      ordered: shape.ordered,
      empties: shape.empties || empty !== "",
      full: shape.full && empty !== "" && name !== "stddev",
    },
  };
};

const changing: Maker = (dice, shape) => {
  const column = dice.one(labelsOf(shape, numeric).concat("_value"));
  const kind = shape.columns.get(column);
  if (kind === undefined || !numeric.includes(kind) || shape.key.includes(column)) return undefined;
  const columns = `columns: ["${column}"]`;
  const options: (readonly [string, Kind])[] = [
    [`difference(${columns}${dice.one(["", ", nonNegative: true", ", keepFirst: true"])})`, kind === "uint" ? "int" : kind],
    [`cumulativeSum(${columns})`, kind],
  ];
  if (isTimed(shape)) options.push([`derivative(unit: 10s, ${columns}${dice.one(["", ", nonNegative: true"])})`, "float"]);
  const [text, result] = dice.one(options);
  const columnsNow = [...shape.columns, [column, result] as const];
  return { text, shape: { ...withColumns(shape, columnsNow), full: false } };
};

const elapsed: Maker = (_dice, shape) =>
  isTimed(shape) && !shape.columns.has("elapsed")
    ? { text: "elapsed(unit: 1s)", shape: withColumns(shape, [...shape.columns, ["elapsed", "int"]]) }
    : undefined;

const fill: Maker = (dice, shape) => {
  const column = dice.one(labelsOf(shape, every).concat("_value"));
  const kind = shape.columns.get(column);
  if (kind === undefined || shape.key.includes(column)) return undefined;
  if (dice.chance(0.5)) {
    return shape.ordered ? { text: `fill(column: "${column}", usePrevious: true)`, shape } : undefined;
  }
  return { text: `fill(column: "${column}", value: ${constant(dice, kind)})`, shape };
};

const columnsOnly: Maker = (dice, shape) => {
  const free = [...shape.columns.keys()].filter((label) => !shape.key.includes(label) && label !== "_value" && label !== "_time");
  if (free.length === 0) return undefined;
  const label = dice.one(free);
  const others = [...shape.columns].filter(([one]) => one !== label);
  const kind = shape.columns.get(label) ?? "float";
  return dice.one<() => Step>([
    () => ({ text: `drop(columns: ["${label}"])`, shape: withColumns(shape, others) }),
    () => ({ text: `keep(columns: ${list(others.map(([one]) => one))})`, shape: withColumns(shape, others) }),
    () => ({
      text: `rename(columns: {${label}: "${label}2"})`,
      shape: withColumns(shape, [...others, [`${label}2`, kind]]),
    }),
    () => ({
      text: `duplicate(column: "${label}", as: "copy")`,
      shape: withColumns(shape, [...shape.columns, ["copy", kind]]),
    }),
  ])();
};

const set: Maker = (dice, shape) => {
  const key = dice.one(["mark", "note"]);
  if (shape.key.includes(key) || (shape.columns.get(key) ?? "string") !== "string") return undefined;
  return { text: `set(key: "${key}", value: "m")`, shape: withColumns(shape, [...shape.columns, [key, "string"]]) };
};

const unique: Maker = (dice, shape) => {
  const column = dice.one(labelsOf(shape, every).concat("_value"));
  const kind = shape.columns.get(column);
  if (kind === undefined || shape.key.includes(column)) return undefined;
  if (dice.chance(0.5)) return { text: `unique(column: "${column}")`, shape };
  const kept = [...shape.columns].filter(([label]) => shape.key.includes(label));
  return {
    text: `distinct(column: "${column}")`,
    shape: withColumns(shape, [...kept, ["_value", kind]]),
  };
};

const top: Maker = (dice, shape) => {
  const columns = labelsOf(shape, numeric);
  // Upstream loses empty tables here.
  if (columns.length === 0 || shape.empties) return undefined;
  // Each engine breaks ties in its own way, so all other columns decide them.
  const by = [dice.one(columns), ...labelsOf(shape, every)];
  return {
    text: `${dice.one(["top", "bottom"])}(n: ${1 + dice.below(3)}, columns: ${list([...new Set(by)])})`,
    shape: { ...shape, ordered: true },
  };
};

const quantile: Maker = (dice, shape) => {
  if (shape.columns.get("_value") !== "float" || shape.key.includes("_value") || shape.empties) return undefined;
  const kept = [...shape.columns].filter(([label]) => shape.key.includes(label));
  return {
    text: `quantile(q: ${dice.one(["0.1", "0.5", "0.9", "1.0"])}, method: "exact_mean")`,
    shape: { ...withColumns(shape, [...kept, ["_value", "float"]]), ordered: true },
  };
};

const reduce: Maker = (dice, shape) => {
  const columns = labelsOf(shape, ["float", "int"]);
  if (columns.length === 0) return undefined;
  const label = dice.one(columns);
  const kind = shape.columns.get(label) ?? "float";
  const zero = kind === "float" ? "0.0" : "0";
  const kept = [...shape.columns].filter(([one]) => shape.key.includes(one));
  const sum = `sum: if exists r.${label} then accumulator.sum + r.${label} else accumulator.sum`;
  return {
    text: `reduce(identity: {sum: ${zero}, rows: 0}, fn: (r, accumulator) => ({${sum}, rows: accumulator.rows + 1}))`,
    shape: { ...withColumns(shape, [...kept, ["sum", kind], ["rows", "int"]]), ordered: true },
  };
};

const states: Maker = (dice, shape) => {
  const name = dice.one(["stateCount", "stateDuration"]);
  if (!isTimed(shape) || shape.columns.has(name)) return undefined;
  return {
    text: `${name}(fn: (r) => ${condition(dice, shape, 1)})`,
    shape: withColumns(shape, [...shape.columns, [name, "int"]]),
  };
};

const shift: Maker = (dice, shape) =>
  isTimed(shape)
    ? dice.one<() => Step>([
        () => ({ text: `timeShift(duration: ${dice.one(["1m", "-10s", "1h"])}, columns: ["_time"])`, shape }),
        () => ({ text: "truncateTimeColumn(unit: 1m)", shape }),
        () => ({
          text: `range(start: ${constant(dice, "time")}, stop: 2026-02-01T00:00:00Z)`,
          shape: {
            ...withColumns(shape, [...shape.columns, ["_start", "time"], ["_stop", "time"]]),
            key: [...new Set([...shape.key, "_start", "_stop"])],
          },
        }),
      ])()
    : undefined;

const window: Maker = (dice, shape) =>
  isTimed(shape) && !shape.key.includes("_start")
    ? {
        text:
          "range(start: 2026-01-31T00:00:00Z, stop: 2026-01-31T00:30:00Z) |> " +
          `window(every: ${dice.one(["1m", "10m", "15s"])}${dice.one(["", ", period: 2m"])})`,
        shape: {
          ...withColumns(shape, [...shape.columns, ["_start", "time"], ["_stop", "time"]]),
          key: [...new Set([...shape.key, "_start", "_stop"])],
        },
      }
    : undefined;

const pivot: Maker = (dice, shape) => {
  const tags = labelsOf(shape, ["string"], { keys: true }).filter((one) => one !== "_value");
  const kind = shape.columns.get("_value");
  if (tags.length === 0 || kind === undefined || shape.key.includes("_value")) return undefined;
  if (!isTimed(shape)) return undefined;
  const by = dice.one(tags);
  // The last of two values for one cell counts.
  const order = `sort(columns: ${list(labelsOf({ ...shape, key: [] }, every))})`;
  const text = `group() |> ${order} |> pivot(rowKey: ["_time"], columnKey: ["${by}"], valueColumn: "_value")`;
  // Of the other columns only those of the key remain; the data decides which columns there are.
  return { text, shape: { origin: shape.origin, columns: new Map([["_time", "time"]]), key: [], ordered: false, full: false, empties: false } };
};

/** Whether two streams have the same key and no column of different types. */
const meets = ({ columns, key }: Shape, origin: Origin): boolean =>
  key.length === origin.key.length &&
  key.every((label) => origin.key.includes(label)) &&
  [...columns].every(([label, kind]) => (origin.columns.get(label) ?? kind) === kind);

const union: Maker = (_dice, shape) =>
  meets(shape, shape.origin)
    ? {
        text: "((tables=<-) => union(tables: [tables, data()]))()",
        shape: {
          ...withColumns(shape, [...shape.origin.columns, ...shape.columns]),
          ordered: false,
          full: false,
        },
      }
    : undefined;

const join: Maker = (_dice, shape) => {
  const { origin } = shape;
  const same = shape.key.length === origin.key.length && shape.key.every((one) => origin.key.includes(one));
  if (!same || !isTimed(shape) || shape.empties) return undefined;
  const on = ["_time", ...shape.key];
  const named = (own: ReadonlyMap<string, Kind>, other: ReadonlyMap<string, Kind>, side: string) =>
    [...own].map(([label, kind]) => {
      const shared = other.has(label) && !on.includes(label);
      return [shared ? `${label}_${side}` : label, kind] as const;
    });
  const columns = [...named(shape.columns, origin.columns, "a"), ...named(origin.columns, shape.columns, "b")];
  return {
    text: `((tables=<-) => join(tables: {a: tables, b: data()}, on: ${list(on)}))()`,
    shape: { ...withColumns(shape, columns), ordered: false, full: false },
  };
};

/** Aggregates that accept only floats, or few kinds. */
const rarer: Maker = (dice, shape) => {
  if (shape.columns.get("_value") !== "float" || shape.key.includes("_value")) return undefined;
  // Not mode: upstream looks separately at each table that was merged into a group.
  const options = ["skew()", "quantile(q: 0.5, method: \"exact_selector\")"];
  if (isTimed(shape) && shape.ordered) options.push("integral(unit: 10s)");
  const text = dice.one(options);
  if (text.startsWith("quantile") && !shape.full) return undefined;
  if (text.startsWith("quantile")) return { text, shape };
  const kept = [...shape.columns].filter(([label]) => shape.key.includes(label));
  return {
    text,
    shape: { ...withColumns(shape, [...kept, ["_value", "float"]]), ordered: true, full: false },
  };
};

const hours: Maker = (dice, shape) =>
  isTimed(shape)
    ? { text: `hourSelection(start: ${dice.below(3)}, stop: ${3 + dice.below(20)})`, shape }
    : undefined;

const byName: Maker = (dice, shape) => {
  const free = [...shape.columns].filter(([label]) => !shape.key.includes(label) && !label.startsWith("_"));
  if (free.length === 0) return undefined;
  const [first] = dice.one(free)[0];
  const starts = (label: string): boolean => label.startsWith(first);
  if (shape.key.some(starts)) return undefined;
  return {
    text: `drop(fn: (column) => column =~ /^${first}/)`,
    shape: withColumns(shape, [...shape.columns].filter(([label]) => !starts(label))),
  };
};

const makers: readonly Maker[] = [
  filter,
  filter,
  filter,
  map,
  map,
  map,
  mapAnew,
  group,
  group,
  sort,
  sort,
  inOrder(limit),
  aggregate,
  aggregate,
  aggregate,
  aggregateWindow,
  aggregateWindow,
  inOrder(changing),
  inOrder(changing),
  inOrder(elapsed),
  fill,
  columnsOnly,
  columnsOnly,
  set,
  inOrder(unique),
  top,
  quantile,
  reduce,
  inOrder(states),
  shift,
  window,
  pivot,
  union,
  join,
  rarer,
  hours,
  byName,
];
