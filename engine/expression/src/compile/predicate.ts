import type { Batch } from "@tocsin/data/column";
import type { Closure, FunctionValue } from "@tocsin/data/value";
import type { Awaitable } from "../awaitable.ts";
import { operandNames } from "../operations.ts";
import { errorAt, rowError } from "../place.ts";
import type { BadRowSink, Predicate } from "../row-compiler.ts";
import { walkingPredicate } from "../walking-predicate.ts";
import { canInline, inlined } from "./call.ts";
import { Env } from "./env.ts";
import { wrapped } from "./logic.ts";
import { conditionCode } from "./logical.ts";
import { constantLines, indented, type Sources, Variants } from "./program.ts";
import { Unit } from "./unit.ts";

type Select = (
  batch: Batch,
  k: readonly unknown[],
  rows: Uint32Array,
  fail: (row: number, thrown: unknown, at: unknown) => void,
) => number;

interface Made {
  readonly select: Select;
  readonly constants: readonly unknown[];
}

/** A predicate that runs as a loop made for the batches that come. `fn` must be pure. */
export function compiledPredicate(fn: FunctionValue, sources: Sources): Predicate {
  const walking = walkingPredicate(fn);
  if (fn.form !== "closure" || !canInline(fn.node, new Set(["r"]))) return walking;
  const variants = new Variants<Made>(fn, (batch) => {
    const unit = new Unit(batch);
    const select = sources.function(predicateSource(fn, unit)) as Select;
    return { unit, made: { select, constants: unit.constants } };
  });
  return {
    effect: "pure",
    select(batch: Batch, rows: Uint32Array, bad: BadRowSink): Awaitable<number> {
      const made = variants.for(batch);
      if (made === undefined) return walking.select(batch, rows, bad);
      return made.select(batch, made.constants, rows, failing(bad));
    },
  };
}

/** What generated code calls for a row that threw; `at` is the place it had reached. */
const failing =
  (bad: BadRowSink) =>
  (row: number, thrown: unknown, at: unknown): void =>
    bad(row, rowError(errorAt(thrown, at as Parameters<typeof errorAt>[1])));

/** The source of a predicate's loop: `(batch, k, rows, fail) => number of rows kept`. */
function predicateSource(fn: Closure, unit: Unit): string {
  const env = new Env(fn.scope, fn.file);
  const term = inlined(fn.node, env, new Map([["r", unit.row()]]), unit);
  const place = { node: undefined, env, unit };
  const condition = conditionCode(term, operandNames.row, place);
  const lines = [
    "function select(batch, k, rows, fail) {",
    "  const { columns, tableEnds } = batch;",
    ...indented(constantLines(unit), 1),
    ...indented(unit.prologue, 1),
    "  let at, count = 0, i = 0;",
    "  for (let t = 0; t < tableEnds.length; t++) {",
    "    const end = tableEnds[t];",
    ...indented(unit.perTable.lines, 2),
    ...(unit.perRow ? rowLoop(unit, condition) : tableLoop(unit, condition)),
    "  }",
    "  return count;",
    "}",
  ];
  return lines.join("\n");
}

function rowLoop(unit: Unit, condition: string): string[] {
  // Without a branch: rows that are kept in no order would make it slow.
  const keep =
    condition === "true"
      ? "rows[count++] = i;"
      : `rows[count] = i; count += +!!${wrapped(condition)};`;
  return ["    for (; i < end; i++) {", ...tried([...unit.body, keep], unit), "    }"];
}

/** The condition concerns tables as a whole. */
function tableLoop(unit: Unit, condition: string): string[] {
  return [
    ...indented(unit.body, 2),
    `    if (${condition}) for (; i < end; i++) rows[count++] = i;`,
    "    i = end;",
  ];
}

/** The body of a loop over rows; a row that throws is reported and left out. */
export function tried(body: readonly string[], unit: Unit): string[] {
  if (!unit.throws) return indented(body, 3);
  return [
    "      try {",
    ...indented(body, 4),
    "      } catch (thrown) {",
    "        fail(i, thrown, at);",
    "      }",
  ];
}
