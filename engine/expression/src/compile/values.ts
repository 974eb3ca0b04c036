import type { Batch } from "@tocsin/data/column";
import type { Closure, FunctionValue, Value } from "@tocsin/data/value";
import { errorAt } from "../place.ts";
import type { RowValues, ValueSink } from "../row-compiler.ts";
import { walkingValues } from "../walking-values.ts";
import { boxed } from "./boxing.ts";
import { canInline, inlined } from "./call.ts";
import { Env } from "./env.ts";
import { tried } from "./predicate.ts";
import { constantLines, indented, type Sources, Variants } from "./program.ts";
import { Unit } from "./unit.ts";

type Begin = (
  batch: Batch,
  k: readonly unknown[],
  take: (row: number, value: Value) => void,
  fail: (row: number, thrown: unknown, at: unknown) => void,
) => (end: number) => void;

interface Made {
  readonly begin: Begin;
  readonly constants: readonly unknown[];
}

/** Values by a loop made for the batches that come. `fn` must be pure. */
export function compiledValues(fn: FunctionValue, sources: Sources): RowValues {
  const walking = walkingValues(fn);
  if (fn.form !== "closure" || !canInline(fn.node, new Set(["r"]))) return walking;
  const variants = new Variants<Made>(fn, (batch) => {
    const unit = new Unit(batch);
    const begin = sources.function(valuesSource(fn, unit)) as Begin;
    return { unit, made: { begin, constants: unit.constants } };
  });
  return {
    effect: "pure",
    begin(batch: Batch, sink: ValueSink) {
      const made = variants.for(batch);
      if (made === undefined) return walking.begin(batch, sink);
      const fail = (row: number, thrown: unknown, at: unknown): void =>
        sink.failed(row, errorAt(thrown, at as Parameters<typeof errorAt>[1]));
      return made.begin(batch, made.constants, (row, value) => sink.take(row, value), fail);
    },
  };
}

/** The source of a loop that stops after each part of the rows: `(batch, k, take, fail) => (end) => void`. */
function valuesSource(fn: Closure, unit: Unit): string {
  const env = new Env(fn.scope, fn.file);
  const term = inlined(fn.node, env, new Map([["r", unit.row()]]), unit);
  const value = boxed(term, unit);
  const body = tried([...unit.body, `take(i, ${value});`], unit);
  const lines = [
    "function values(batch, k, take, fail) {",
    "  const { columns, tableEnds } = batch;",
    ...indented(constantLines(unit), 1),
    ...indented(unit.prologue, 1),
    "  let next = 0, table = 0;",
    "  return (until) => {",
    "    let at, i = next, t = table;",
    "    while (i < until) {",
    "      while (tableEnds[t] <= i) t++;",
    "      const end = Math.min(tableEnds[t], until);",
    ...indented(unit.perTable.lines, 3),
    "      for (; i < end; i++) {",
    ...indented(body, 1),
    "      }",
    "    }",
    "    next = i, table = t;",
    "  };",
    "}",
  ];
  return lines.join("\n");
}
