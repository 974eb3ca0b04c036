import type { Batch, FlatColumn } from "@tocsin/data/column";
import {
  boxed as boxedCell,
  type Closure,
  type ColumnKind,
  compareUtf8,
  type FunctionValue,
  isColumnKind,
  NULL,
  type Raw,
  type RecordValue,
  unboxed,
  type Value,
} from "@tocsin/data/value";
import type { Awaitable } from "../awaitable.ts";
import { errorAt } from "../place.ts";
import type { FoldedBatch, Folder, MappedColumn } from "../row-compiler.ts";
import { walkingFolder } from "../walking-folder.ts";
import { boxed } from "./boxing.ts";
import { canInline, inlined } from "./call.ts";
import { Env } from "./env.ts";
import { quoted } from "./logic.ts";
import { type Output, outputOf } from "./output.ts";
import { constantLines, indented, type Sources, Variants } from "./program.ts";
import { scalar, type Struct, type Term } from "./term.ts";
import { Unit } from "./unit.ts";

/** How one field of the accumulator is kept between rows: as a cell, or as a value of any type. */
interface Field {
  readonly label: string;
  readonly kind: ColumnKind | "boxed";
}

// oxlint-disable-next-line max-params -- what the code that is made names
type Run = (
  batch: Batch,
  k: readonly unknown[],
  first: readonly (Raw | Value)[],
  identity: readonly (Raw | Value)[],
  placed: (thrown: unknown, at: unknown) => unknown,
) => { columns: readonly (FlatColumn | undefined)[]; last: readonly (Raw | Value)[] };

interface Made {
  readonly run: Run;
  readonly constants: readonly unknown[];
  readonly fields: readonly Field[];
  readonly outputs: readonly Output[];
}

/** A folder that runs as a loop made for the batches that come. `fn` must be pure. */
export function compiledFolder(fn: FunctionValue, sources: Sources): Folder {
  const walking = walkingFolder(fn);
  if (fn.form !== "closure" || !canInline(fn.node, new Set(["r", "accumulator"]))) return walking;
  const variants = new Map<string, Variants<Made>>();
  return {
    effect: "pure",
    fold(batch, first, identity): Awaitable<FoldedBatch> {
      const fields = commonFields(first, identity);
      if (fields === undefined) return walking.fold(batch, first, identity);
      const shape = JSON.stringify(fields);
      let known = variants.get(shape);
      if (known === undefined) {
        known = new Variants<Made>(fn, (sample) => compiled(fn, fields, sample, sources));
        variants.set(shape, known);
      }
      const made = known.for(batch);
      if (made === undefined) return walking.fold(batch, first, identity);
      return folded(made, batch, first, identity);
    },
  };
}

/** The fields of both accumulators; undefined when they differ, which only the walk understands. */
function commonFields(first: RecordValue, identity: RecordValue): Field[] | undefined {
  if (first.fields.size !== identity.fields.size) return undefined;
  const fields: Field[] = [];
  for (const [label, value] of identity.fields) {
    const other = first.fields.get(label);
    if (other === undefined) return undefined;
    fields.push(joined(fieldOf(label, value), fieldOf(label, other)));
  }
  return fields;
}

function fieldOf(label: string, value: Value): Field {
  return { label, kind: isColumnKind(value.kind) ? value.kind : "boxed" };
}

const joined = (a: Field, b: Field): Field => (a.kind === b.kind ? a : { ...a, kind: "boxed" });

/** Compiles; when a field turns out to hold more than it was thought to, again with that. */
function compiled(
  fn: Closure,
  start: readonly Field[],
  batch: Batch,
  sources: Sources,
): { unit: Unit; made: Made } | undefined {
  let fields = start;
  for (;;) {
    const unit = new Unit(batch);
    const env = new Env(fn.scope, fn.file);
    const args = new Map([
      ["r", unit.row()],
      ["accumulator", accumulatorOf(fields)],
    ]);
    const term = inlined(fn.node, env, args, unit);
    if (term.form !== "struct" || !sameLabels(term, fields)) return undefined;
    const wider = fields.map((field) =>
      joined(field, fieldOfTerm(field, term.fields.get(field.label))),
    );
    if (JSON.stringify(wider) !== JSON.stringify(fields)) {
      fields = wider;
      continue;
    }
    const { source, outputs } = folderSource(fields, term, env, unit);
    const run = sources.function(source) as Run;
    return { unit, made: { run, constants: unit.constants, fields, outputs } };
  }
}

const sameLabels = (term: Struct, fields: readonly Field[]): boolean =>
  [...term.fields.keys()].join("\0") === fields.map((one) => one.label).join("\0");

/** A field whose new value is not even known to have a type fails before it is kept. */
function fieldOfTerm(field: Field, term: Term | undefined): Field {
  if (term?.form === "null") return field;
  return { ...field, kind: term?.form === "scalar" ? term.kind : "boxed" };
}

/** The accumulator inside the loop: field `j` is the variable `a<j>`, which is never null. */
function accumulatorOf(fields: readonly Field[]): Struct {
  const terms = fields.map(({ kind }, j): Term =>
    kind === "boxed" ? { form: "boxed", code: `a${j}` } : scalar(kind, `a${j}`),
  );
  return {
    form: "struct",
    fields: new Map(fields.map(({ label }, j) => [label, terms[j]])),
    row: false,
  };
}

function folderSource(
  fields: readonly Field[],
  result: Struct,
  env: Env,
  unit: Unit,
): { source: string; outputs: readonly Output[] } {
  const slot = { index: "t", rows: "tableEnds.length", owner: "reduce" };
  const next = fields.map((field) => nextOf(field, result.fields.get(field.label), env, unit));
  const body = [...unit.body, ...next.map((code, j) => `a${j} = ${code};`)];
  const kept = accumulatorOf(fields).fields;
  const outputs = fields.flatMap(
    ({ label }) => outputOf(label, kept.get(label) ?? { form: "null" }, slot, unit) ?? [],
  );
  const sorted = outputs.toSorted((a, b) => compareUtf8(a.label, b.label));
  const lines = [
    "function fold(batch, k, first, identity, placed) {",
    "  const { columns, tableEnds } = batch;",
    ...indented(constantLines(unit), 1),
    ...indented(unit.prologue, 1),
    ...fields.map((_, j) => `  let a${j} = first[${j}];`),
    "  let at, i = 0;",
    "  try {",
    "    for (let t = 0; t < tableEnds.length; t++) {",
    "      const end = tableEnds[t];",
    "      if (t > 0) {",
    ...fields.map((_, j) => `        a${j} = identity[${j}];`),
    "      }",
    ...indented(unit.perTable.lines, 3),
    "      for (; i < end; i++) {",
    ...indented(body, 4),
    "      }",
    "      at = undefined;",
    ...indented(
      sorted.flatMap((one) => [...one.checks, ...one.writes]),
      3,
    ),
    "    }",
    "  } catch (thrown) {",
    "    throw placed(thrown, at);",
    "  }",
    `  const last = [${fields.map((_, j) => `a${j}`).join(", ")}];`,
    `  return { columns: [${sorted.map((one) => one.made).join(", ")}], last };`,
    "}",
  ];
  return { source: lines.join("\n"), outputs: sorted };
}

/** The field's value after a row, in a variable: an accumulator's fields may change places. */
function nextOf(field: Field, term: Term | undefined, env: Env, unit: Unit): string {
  const missing = `nullReduced(${quoted(field.label)})`;
  if (term === undefined || term.form === "null") {
    unit.raise(missing, undefined, env);
    return "undefined";
  }
  if (term.form === "scalar") {
    unit.raise(missing, undefined, env, term.absent);
    return unit.bound(field.kind === "boxed" ? boxed(term, unit) : term.code);
  }
  const value = unit.bound(boxed(term, unit));
  unit.raise(missing, undefined, env, `${value}.kind === "null"`);
  return value;
}

function folded(made: Made, batch: Batch, first: RecordValue, identity: RecordValue): FoldedBatch {
  const { run, constants, fields, outputs } = made;
  const { columns, last } = run(
    batch,
    constants,
    cells(first, fields),
    cells(identity, fields),
    placed,
  );
  const labelled = outputs.flatMap(({ label }, i): MappedColumn[] => {
    const column = columns[i];
    return column === undefined ? [] : [{ label, column }];
  });
  const values = fields.map(({ label, kind }, j): [string, Value] => [
    label,
    kind === "boxed" ? (last[j] as Value) : boxedCell(kind, last[j] as Raw),
  ]);
  return { columns: labelled, last: { kind: "record", fields: new Map(values) } };
}

const placed = (thrown: unknown, at: unknown): unknown =>
  errorAt(thrown, at as Parameters<typeof errorAt>[1]);

function cells(record: RecordValue, fields: readonly Field[]): (Raw | Value)[] {
  return fields.map(({ label, kind }) => {
    const value = record.fields.get(label) ?? NULL;
    return kind === "boxed" ? value : (unboxed(value) ?? null);
  });
}
