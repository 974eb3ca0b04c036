import type { Batch, Column } from "@tocsin/data/column";
import { type Closure, compareUtf8, type FluxError, type FunctionValue } from "@tocsin/data/value";
import type { Awaitable } from "../awaitable.ts";
import { errorAt, rowError } from "../place.ts";
import type { BadRowSink, MappedBatch, MappedColumn, Mapper } from "../row-compiler.ts";
import { walkingMapper } from "../walking-mapper.ts";
import { boxed } from "./boxing.ts";
import { canInline, inlined } from "./call.ts";
import { Env } from "./env.ts";
import { type Output, outputOf } from "./output.ts";
import { tried } from "./predicate.ts";
import { constantLines, indented, type Sources, Variants } from "./program.ts";
import { keptRows } from "./runtime.ts";
import type { Term } from "./term.ts";
import { Unit } from "./unit.ts";

type Run = (
  batch: Batch,
  k: readonly unknown[],
  fail: (row: number, thrown: unknown, at: unknown) => void,
) => readonly (Column | undefined)[] | readonly MappedColumn[];

interface Made {
  readonly run: Run;
  readonly constants: readonly unknown[];
  /** Undefined: the code gives columns with their labels. */
  readonly outputs: readonly Output[] | undefined;
}

/** A mapper that runs as a loop made for the batches that come. `fn` must be pure. */
export function compiledMapper(fn: FunctionValue, sources: Sources): Mapper {
  const walking = walkingMapper(fn);
  if (fn.form !== "closure" || !canInline(fn.node, new Set(["r"]))) return walking;
  const variants = new Variants<Made>(fn, (batch) => {
    const unit = new Unit(batch);
    const { source, outputs } = mapperSource(fn, unit);
    const run = sources.function(source) as Run;
    return { unit, made: { run, constants: unit.constants, outputs } };
  });
  return {
    effect: "pure",
    keeps: walking.keeps,
    map(batch: Batch, bad: BadRowSink): Awaitable<MappedBatch> {
      const made = variants.for(batch);
      return made === undefined ? walking.map(batch, bad) : mapped(made, batch, bad);
    },
  };
}

function mapped({ run, constants, outputs }: Made, batch: Batch, bad: BadRowSink): MappedBatch {
  const failed = new Set<number>();
  const columns = run(batch, constants, (row, thrown, at) => {
    const error: FluxError = rowError(errorAt(thrown, at as Parameters<typeof errorAt>[1]));
    failed.add(row);
    bad(row, error);
  });
  const kept = keptRows(batch, failed);
  if (outputs === undefined) return { columns: columns as readonly MappedColumn[], kept };
  const labelled: MappedColumn[] = [];
  outputs.forEach(({ label, column: index }, i) => {
    const column = columns[i] as Column | undefined;
    if (column === undefined) return;
    const passes = index === undefined ? {} : { passes: batch.schema[index].label };
    labelled.push({ label, column, ...passes });
  });
  return { columns: labelled, kept };
}

/** The source of a mapper's loop: `(batch, k, fail) => columns`, in the order of `outputs`. */
function mapperSource(
  fn: Closure,
  unit: Unit,
): { source: string; outputs: readonly Output[] | undefined } {
  const env = new Env(fn.scope, fn.file);
  const term = inlined(fn.node, env, new Map([["r", unit.row()]]), unit);
  return term.form === "struct"
    ? columnsSource(term.fields, env, unit)
    : { source: recordsSource(term, env, unit), outputs: undefined };
}

function columnsSource(
  fields: ReadonlyMap<string, Term>,
  env: Env,
  unit: Unit,
): { source: string; outputs: readonly Output[] } {
  const slot = { index: "i", rows: "batch.rows", owner: "map" };
  const outputs = [...fields].flatMap(([label, term]) => outputOf(label, term, slot, unit) ?? []);
  const checks = outputs.flatMap((one) => one.checks);
  if (checks.length > 0) unit.at(undefined, env);
  const body = [...unit.body, ...checks, ...outputs.flatMap((one) => one.writes)];
  const sorted = outputs.toSorted((a, b) => compareUtf8(a.label, b.label));
  const result = `[${sorted.map((one) => one.made).join(", ")}]`;
  return { source: loopSource(body, result, unit), outputs: sorted };
}

/** For functions of whose records not even the labels are known. */
function recordsSource(term: Term, env: Env, unit: Unit): string {
  unit.prologue.push("const records = new RecordColumns(batch);");
  const value = boxed(term, unit);
  unit.at(undefined, env);
  const add = `records.add(i, t, rowRecord(${value}));`;
  return loopSource([...unit.body, add], "records.finish().columns", unit);
}

function loopSource(body: readonly string[], result: string, unit: Unit): string {
  const loop = [
    "  let at, i = 0;",
    "  for (let t = 0; t < tableEnds.length; t++) {",
    "    const end = tableEnds[t];",
    ...indented(unit.perTable.lines, 2),
    "    for (; i < end; i++) {",
    ...tried(body, unit),
    "    }",
    "  }",
  ];
  const lines = [
    "function map(batch, k, fail) {",
    "  const { columns, tableEnds } = batch;",
    ...indented(constantLines(unit), 1),
    ...indented(unit.prologue, 1),
    ...(body.length === 0 ? [] : loop),
    `  return ${result};`,
    "}",
  ];
  return lines.join("\n");
}
