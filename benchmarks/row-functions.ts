import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import {
  type Batch,
  cellAt,
  Dictionary,
  type FloatColumn,
  type IntColumn,
  isValid,
} from "@tocsin/data/column";
import { FALSE, type FunctionValue, Scope, TRUE, type Value } from "@tocsin/data/value";
import { evaluate, type MappedBatch, rowCompiler } from "@tocsin/engine/expression";
import { parse } from "@tocsin/language/syntax";
import { seeded } from "@tocsin/platform/host";
import { optionsOf } from "../tools/options.ts";
import { median } from "./process.ts";

// Compares row functions, as generated loops, with loops written by hand for the same data. Answers must be equal
// before anything is timed. `sh tools/node.sh benchmarks/row-functions.ts [--rows N] [--rounds N]`

/** One row function, and what a person would write for it. */
interface Contest {
  readonly name: string;
  readonly generated: (batch: Batch) => number;
  readonly byHand: (batch: Batch) => number;
}

interface Ratio {
  readonly name: string;
  readonly answer: number;
  readonly generatedMilliseconds: number;
  readonly byHandMilliseconds: number;
}

/** The function in a text. */
export function functionOf(source: string): FunctionValue {
  const scope = new Scope();
  scope.define("true", TRUE);
  scope.define("false", FALSE);
  const [statement] = parse(`fn = ${source}`).file.body;
  if (statement.kind !== "VariableAssignment") throw new Error(`not a function: ${source}`);
  const value = evaluate(statement.value, scope, { name: "", text: source }) as Value;
  if (value.kind !== "function") throw new Error(`not a function: ${source}`);
  return value;
}

const batchRows = 65_536;
const hosts = 100;

/** Batches of `_value` (one in a hundred null), `host` and `n`. */
export function batches(rows: number): Batch[] {
  const random = seeded(7);
  const dictionary = new Dictionary();
  const codes = Array.from({ length: hosts }, (_, i) => dictionary.code(`h${i}`));
  const made: Batch[] = [];
  for (let left = rows; left > 0; left -= batchRows) {
    const count = Math.min(left, batchRows);
    const value = new Float64Array(count);
    const valid = new Uint8Array((count + 7) >> 3).fill(255);
    const host = new Uint32Array(count);
    const n = new BigInt64Array(count);
    for (let i = 0; i < count; i++) {
      value[i] = random.next() * 100;
      host[i] = codes[Math.floor(random.next() * hosts)];
      n[i] = BigInt(Math.floor(random.next() * 1000));
      if (random.next() < 0.01) valid[i >> 3] &= ~(1 << (i & 7));
    }
    made.push({
      schema: [
        { label: "_value", kind: "float", key: false },
        { label: "host", kind: "string", key: false },
        { label: "n", kind: "int", key: false },
      ],
      columns: [
        { kind: "float", form: "flat", data: value, valid },
        { kind: "string", form: "coded", codes: host, dictionary, valid: undefined },
        { kind: "int", form: "flat", data: n, valid: undefined },
      ],
      rows: count,
      tableEnds: Uint32Array.of(count),
      open: false,
    });
  }
  return made;
}

const kept = new Uint32Array(batchRows);

function fail(row: number, error: Error): never {
  throw new Error(`row ${row}: ${error.message}`, { cause: error });
}

function filterContest(): Contest {
  const predicate = rowCompiler().predicate(
    functionOf('(r) => r._value > 90.0 and r.host == "h1"'),
  );
  return {
    name: "filter, float and string",
    generated: (batch) => sum(kept, predicate.select(batch, kept, fail) as number),
    byHand(batch) {
      const value = batch.columns[0] as FloatColumn;
      const host = batch.columns[1];
      if (host.form !== "coded" || value.valid === undefined) throw new Error("other data");
      const { data, valid } = value;
      const { codes } = host;
      const wanted = host.dictionary.find("h1");
      let count = 0;
      for (let i = 0; i < batch.rows; i++) {
        const present = (valid[i >> 3] & (1 << (i & 7))) !== 0;
        if (present && data[i] > 90 && codes[i] === wanted) kept[count++] = i;
      }
      return sum(kept, count);
    },
  };
}

function integerContest(): Contest {
  const predicate = rowCompiler().predicate(functionOf("(r) => r.n * 2 + 1 > 1801"));
  return {
    name: "filter, integers",
    generated: (batch) => sum(kept, predicate.select(batch, kept, fail) as number),
    byHand(batch) {
      const { data } = batch.columns[2] as IntColumn;
      let count = 0;
      for (let i = 0; i < batch.rows; i++) {
        const doubled = BigInt.asIntN(64, BigInt.asIntN(64, data[i] * 2n) + 1n);
        if (doubled > 1801n) kept[count++] = i;
      }
      return sum(kept, count);
    },
  };
}

function mapContest(): Contest {
  const mapper = rowCompiler().mapper(functionOf("(r) => ({r with x: r._value * 2.0 + 1.0})"));
  return {
    name: "map, arithmetic",
    generated(batch) {
      const { columns } = mapper.map(batch, fail) as MappedBatch;
      const made = columns.find(({ label }) => label === "x")?.column;
      return made?.form === "flat" ? Number(cellAt(made, batch.rows - 1)) : Number.NaN;
    },
    byHand(batch) {
      const { data, valid } = batch.columns[0] as FloatColumn;
      const out = new Float64Array(batch.rows);
      const outValid = valid === undefined ? undefined : new Uint8Array(valid.length);
      for (let i = 0; i < batch.rows; i++) {
        out[i] = data[i] * 2 + 1;
        if (valid !== undefined && outValid !== undefined && (valid[i >> 3] & (1 << (i & 7))) !== 0)
          outValid[i >> 3] |= 1 << (i & 7);
      }
      const last = batch.rows - 1;
      return isValid(outValid, last) ? out[last] : 0;
    },
  };
}

function sum(rows: Uint32Array, count: number): number {
  let total = count;
  for (let i = 0; i < count; i++) total += rows[i];
  return total;
}

/** Runs both sides alternately and returns the median of each; throws when their answers differ. */
export function measure(data: readonly Batch[], rounds: number): Ratio[] {
  return [filterContest(), integerContest(), mapContest()].map((contest) => {
    const all = (side: (batch: Batch) => number): number =>
      data.reduce((total, batch) => total + side(batch), 0);
    const answer = all(contest.generated);
    const other = all(contest.byHand);
    if (answer !== other) throw new Error(`${contest.name}: ${answer} is not ${other}`);
    const times = { generated: [] as number[], byHand: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      for (const side of ["byHand", "generated"] as const) {
        const began = performance.now();
        all(contest[side]);
        times[side].push(performance.now() - began);
      }
    }
    return {
      name: contest.name,
      answer,
      generatedMilliseconds: median(times.generated),
      byHandMilliseconds: median(times.byHand),
    };
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { rows, rounds } = optionsOf({ rows: 1_000_000, rounds: 25 });
  console.log(`${rows} rows; generated / by hand`);
  for (const one of measure(batches(rows), rounds)) {
    const ratio = one.generatedMilliseconds / one.byHandMilliseconds;
    const times = `${one.generatedMilliseconds.toFixed(2)} / ${one.byHandMilliseconds.toFixed(2)} ms`;
    console.log(`${one.name}: ${ratio.toFixed(2)} (${times})`);
  }
}
