import { columnBuilder, type GroupKey, groupKey, type Table, tableFrom } from "@tocsin/data/column";
import { invalid, type Value } from "@tocsin/data/value";
import type { SourceKind } from "@tocsin/engine/execute";
import { type Arguments, definePackage, transformation } from "@tocsin/engine/interpret";
import { type Random, seeded } from "@tocsin/platform/host";

interface Tag {
  readonly name: string;
  readonly cardinality: number;
}
interface GenSpec {
  /** Rows of each table. */
  readonly n: number;
  /** How likely a value is null, 0 to 1. */
  readonly nulls: number;
  readonly tags: readonly Tag[];
  readonly seed: number;
  /** Time of the first row. */
  readonly start: bigint;
}

const SECOND = 1_000_000_000n;

const tablesKind: SourceKind<GenSpec> = {
  name: "gen.tables",
  rowwise: false,
  source: true,
  describe: ({ n, tags }) => `${n} rows, ${tags.length} tags`,
  open: (spec, context) => ({
    run: async (push) => {
      const random = seeded(spec.seed);
      for (const key of keysOf(spec.tags, random)) {
        await push(tableOf(spec, key, random));
        if (context.host.loop.due()) await context.host.loop.turn();
      }
    },
  }),
};

/** Every combination of tag values. */
function keysOf(tags: readonly Tag[], random: Random): GroupKey[] {
  let keys: { label: string; kind: "string"; cell: string }[][] = [[]];
  for (const { name, cardinality } of tags) {
    const values = Array.from({ length: cardinality }, () => word(random));
    keys = keys.flatMap((key) =>
      values.map((cell) => [...key, { label: name, kind: "string" as const, cell }]),
    );
  }
  return keys.map(groupKey);
}

function word(random: Random): string {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  let text = "";
  for (let i = 0; i < 6; i++) text += letters[Math.floor(random.next() * letters.length)];
  return text;
}

function tableOf(spec: GenSpec, key: GroupKey, random: Random): Table {
  const times = columnBuilder("time", spec.n);
  const values = columnBuilder("float", spec.n);
  for (let i = 0; i < spec.n; i++) {
    times.append(spec.start + BigInt(i) * SECOND);
    const value = random.next() * 200 - 100;
    values.append(random.next() < spec.nulls ? null : value);
  }
  const columns = [
    { label: "_time", column: times.finish() },
    { label: "_value", column: values.finish() },
  ];
  return tableFrom(key, columns, { rows: spec.n });
}

function tagOf(value: Value, index: number): Tag {
  const name = value.kind === "record" ? value.fields.get("name") : undefined;
  const cardinality = value.kind === "record" ? value.fields.get("cardinality") : undefined;
  if (name?.kind === "string" && cardinality?.kind === "int")
    return { name: name.value, cardinality: Number(cardinality.value) };
  throw invalid(`gen.tables: tag at index ${index} must have a name and an int cardinality`);
}

function spec(args: Arguments, now: bigint): GenSpec {
  return {
    n: args.count("n"),
    nulls: args.float("nulls", 0),
    tags: args.has("tags") ? args.array("tags").elements.map(tagOf) : [],
    seed: args.count("seed", 0),
    start: now,
  };
}

const tables = transformation({
  name: "tables",
  type: `(
    n: int, ?nulls: float, ?tags: [{name: string, cardinality: int}], ?seed: int,
  ) => stream[{A with _time: time, _value: float}]`,
  docs:
    "Tables of `n` rows of random floats, one for each combination of `tags`. The same `seed` gives the same " +
    "rows here, but not those of upstream.",
  kind: tablesKind,
  inputs: () => [],
  spec: (args, run) => spec(args, run.now),
});

export const packageDefinition = definePackage({
  path: "internal/gen",
  docs: "Random tables for tests and benchmarks.",
  members: [tables],
});
