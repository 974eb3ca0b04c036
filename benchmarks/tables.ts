import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { type Batch, columnBuilder, Dictionary, type FlatColumn } from "@tocsin/data/column";
import {
  execute,
  type ExecutionContext,
  filterKind,
  groupKind,
  mapKind,
  meanKind,
  type OperatorKind,
  sortKind,
  type SourceKind,
} from "@tocsin/engine/execute";
import { rowCompiler } from "@tocsin/engine/expression";
import type { LogicalNode } from "@tocsin/engine/plan";
import { memoryHost, seeded } from "@tocsin/platform/host";
import { optionsOf } from "../tools/options.ts";
import { median } from "./process.ts";
import { functionOf } from "./row-functions.ts";

// What tables cost: the same rows in many and in few tables, and table functions compared with what a person would write
// for the same data. Answers must be equal before anything is timed.
// `sh tools/node.sh benchmarks/tables.ts [--rows N] [--rounds N]`

/** Two ways to the same answer. */
interface Contest {
  readonly name: string;
  readonly one: () => Promise<number>;
  readonly other: () => Promise<number>;
}

interface Ratio {
  readonly name: string;
  readonly oneMilliseconds: number;
  readonly otherMilliseconds: number;
}

const batchRows = 65_536;

/** Batches whose tables have `perTable` rows each: `_time`, `_value`, and the key `host`. */
function tableBatches(rows: number, perTable: number): Batch[] {
  const random = seeded(7);
  const values = Float64Array.from({ length: rows }, () => Math.round(random.next() * 1000) / 8);
  const hosts = new Dictionary();
  const made: Batch[] = [];
  const perBatch = Math.max(1, Math.floor(batchRows / perTable)) * perTable;
  for (let from = 0; from < rows; from += perBatch) {
    const count = Math.min(perBatch, rows - from);
    const tables = Math.ceil(count / perTable);
    const time = new BigInt64Array(count);
    for (let row = 0; row < count; row++) time[row] = BigInt((from + row) % perTable);
    const names = columnBuilder("string", tables);
    for (let table = 0; table < tables; table++) names.append(`host${from / perTable + table}`);
    const ends = Uint32Array.from({ length: tables }, (_, table) =>
      Math.min(count, (table + 1) * perTable),
    );
    made.push({
      schema: [
        { label: "_time", kind: "time", key: false },
        { label: "_value", kind: "float", key: false },
        { label: "host", kind: "string", key: true },
      ],
      columns: [
        { kind: "time", form: "flat", data: time, valid: undefined },
        {
          kind: "float",
          form: "flat",
          data: values.subarray(from, from + count),
          valid: undefined,
        },
        { kind: "string", form: "table", values: recoded(names.finish(), hosts) },
      ],
      rows: count,
      tableEnds: ends,
      open: false,
    });
  }
  return made;
}

/** One dictionary for all batches, as a decoder makes it. */
function recoded(column: FlatColumn, dictionary: Dictionary): FlatColumn {
  if (column.form !== "coded") return column;
  const codes = column.codes.map((code) => dictionary.code(column.dictionary.text(code)));
  return { ...column, codes, dictionary };
}

const givenKind: SourceKind<{ readonly batches: readonly Batch[] }> = {
  name: "given",
  rowwise: false,
  source: true,
  open: ({ batches }) => ({
    run: async (push) => {
      for (const batch of batches) await push(batch);
    },
  }),
};

type Step = readonly [kind: OperatorKind<never>, spec: unknown];

const step = <Spec>(kind: OperatorKind<Spec>, spec: Spec): Step => [
  kind as unknown as OperatorKind<never>,
  spec,
];

/** Runs steps over batches and adds up the `_value`s (or what is left of them) that come out. */
async function answer(batches: readonly Batch[], steps: readonly Step[]): Promise<number> {
  let node: LogicalNode = { id: 0, kind: givenKind, spec: { batches }, inputs: [], at: undefined };
  steps.forEach(([kind, spec], i) => {
    node = { id: i + 1, kind, spec, inputs: [node], at: undefined };
  });
  let sum = 0;
  let position = 0;
  let failure: Error | undefined;
  const sink = {
    push(batch: Batch): void {
      const at = batch.schema.findIndex(({ label }) => label === "_value");
      const column = batch.columns[at];
      if (column.form !== "flat" || column.kind !== "float") throw new Error("other data");
      // The position counts, too, so that another order is another answer.
      for (const value of column.data) sum += value * ((position++ % 7) + 1);
    },
    finish: () => undefined,
    fail: (error: Error) => void (failure = error),
  };
  const context = {
    host: memoryHost(),
    rows,
    signal: undefined,
    now: 0n,
    report: () => undefined,
  } as unknown as ExecutionContext;
  await execute({ results: [{ name: "_result", node }] }, () => sink, context);
  if (failure !== undefined) throw failure;
  return sum;
}

const rows = rowCompiler();

/** 100,000 tables of 10 rows beside 100 of 10,000, for a million rows. */
function structure(count: number): Contest {
  const steps = [
    step(filterKind, { fn: functionOf("(r) => r._value > 10.0"), onEmpty: "drop" as const }),
    step(mapKind, { fn: functionOf("(r) => ({r with _value: r._value * 2.0})") }),
  ];
  const mean = step(meanKind, { column: "_value" });
  const many = tableBatches(count, 10);
  const few = tableBatches(count, Math.max(10, count / 100));
  const check = async (batches: readonly Batch[]): Promise<number> => answer(batches, steps);
  let checked = false;
  const meanOf = async (batches: readonly Batch[]): Promise<number> => {
    if (!checked) return check(batches);
    await answer(batches, [...steps, mean]);
    return 0;
  };
  return {
    name: "filter |> map |> mean, tables of 10 rows / 100 tables",
    one: () => meanOf(many),
    other: async () => {
      const result = await meanOf(few);
      checked = true;
      return result;
    },
  };
}

function sorting(count: number): Contest {
  const batches = tableBatches(count, count);
  const [batch] = batches;
  const column = batch.columns[1];
  if (column.form !== "flat" || column.kind !== "float") throw new Error("other data");
  return {
    name: "sort a table by value / sort its values alone",
    one: () => answer(batches, [step(sortKind, { columns: ["_value"], desc: false })]),
    other: async () => {
      let sum = 0;
      column.data.toSorted().forEach((value, i) => (sum += value * ((i % 7) + 1)));
      return sum;
    },
  };
}

function grouping(count: number): Contest {
  const batches = tableBatches(count, 10);
  const steps = [step(groupKind, { mode: "by" as const, columns: ["_time"] })];
  return {
    name: "group by a column / rows in a Map of arrays",
    one: () => answer(batches, steps),
    other: async () => {
      const groups = new Map<bigint, number[]>();
      for (const { columns } of batches) {
        const [times, values] = columns;
        if (times.form !== "flat" || values.form !== "flat") throw new Error("other data");
        times.data.forEach((time, i) => {
          const key = BigInt(time);
          const group = groups.get(key);
          if (group === undefined) groups.set(key, [Number(values.data[i])]);
          else group.push(Number(values.data[i]));
        });
      }
      let sum = 0;
      let position = 0;
      for (const key of [...groups.keys()].sort((a, b) => Number(a - b)))
        for (const value of groups.get(key) ?? []) sum += value * ((position++ % 7) + 1);
      return sum;
    },
  };
}

/** Runs both sides alternately and returns the median of each; throws when their answers differ. */
export async function measure(count: number, rounds: number): Promise<Ratio[]> {
  const ratios: Ratio[] = [];
  for (const make of [structure, sorting, grouping]) {
    const contest = make(count);
    const [answerOfOne, answerOfOther] = [await contest.one(), await contest.other()];
    if (Math.abs(answerOfOne - answerOfOther) > 1e-9 * Math.abs(answerOfOther))
      throw new Error(`${contest.name}: ${answerOfOne} is not ${answerOfOther}`);
    const times = { one: [] as number[], other: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      for (const side of ["other", "one"] as const) {
        const began = performance.now();
        await contest[side]();
        times[side].push(performance.now() - began);
      }
    }
    ratios.push({
      name: contest.name,
      oneMilliseconds: median(times.one),
      otherMilliseconds: median(times.other),
    });
  }
  return ratios;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { rows, rounds } = optionsOf({ rows: 1_000_000, rounds: 7 });
  console.log(`${rows} rows`);
  for (const one of await measure(rows, rounds)) {
    const ratio = one.oneMilliseconds / one.otherMilliseconds;
    const times = `${one.oneMilliseconds.toFixed(1)} / ${one.otherMilliseconds.toFixed(1)} ms`;
    console.log(`${one.name}: ${ratio.toFixed(2)} (${times})`);
  }
}
