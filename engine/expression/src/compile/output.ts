import { type ColumnKind, kindName } from "@tocsin/data/value";
import { boxed } from "./boxing.ts";
import { not, quoted, wrapped } from "./logic.ts";
import type { Scalar, Term } from "./term.ts";
import type { Unit } from "./unit.ts";

const arrays: Readonly<Record<Exclude<ColumnKind, "string">, string>> = {
  bool: "Uint8Array",
  int: "BigInt64Array",
  uint: "BigUint64Array",
  float: "Float64Array",
  time: "BigInt64Array",
};

/** How one column comes out of a loop. */
export interface Output {
  readonly label: string;
  /** The column of the batch that it is, unchanged. */
  readonly column?: number;
  /** Statements that may throw; all outputs' come before any output's writes. */
  readonly checks: readonly string[];
  readonly writes: readonly string[];
  /** An expression after the loop: the column, or undefined when there is none. */
  readonly made: string;
}

/** Where the cells of an output go: `index` counts `rows` cells. */
interface Slot {
  readonly index: string;
  readonly rows: string;
  /** `map` or `reduce`, for messages. */
  readonly owner: string;
}

/** The column that a term becomes; undefined for a null of which no type is known. */
export function outputOf(label: string, term: Term, slot: Slot, unit: Unit): Output | undefined {
  switch (term.form) {
    case "null":
      return undefined;
    case "scalar":
      return scalarOutput(label, term, slot, unit);
    case "boxed":
      return valueOutput(label, term, slot, unit);
    case "constant":
      return refused(label, kindName(term.value), slot);
    case "struct":
      return refused(label, "record", slot);
    case "lambda":
      return refused(label, "function", slot);
  }
}

const refused = (label: string, kind: string, { owner }: Slot): Output => ({
  label,
  checks: [`throw notAColumn(${quoted(owner)}, ${quoted(label)}, ${quoted(kind)});`],
  writes: [],
  made: "undefined",
});

function valueOutput(label: string, term: Term, slot: Slot, unit: Unit): Output {
  const name = unit.fresh("o");
  const value = boxed(term, unit);
  const parts = `${quoted(slot.owner)}, ${quoted(label)}`;
  if (slot.index === "t") {
    // What a table gives is looked at when all tables are done, as in the walk.
    unit.prologue.push(`const ${name} = [];`);
    const writes = [`${name}.push(${value});`];
    return { label, checks: [], writes, made: `valueColumn(${parts}, ${name})` };
  }
  unit.prologue.push(`const ${name} = new ValueColumn(${parts}, ${slot.rows});`);
  return {
    label,
    checks: [`${name}.accept(${value});`],
    writes: [`${name}.set(${slot.index}, ${value});`],
    made: `${name}.finish()`,
  };
}

function scalarOutput(label: string, term: Scalar, slot: Slot, unit: Unit): Output {
  const nothing = { label, checks: [], writes: [] };
  if (term.column !== undefined && slot.index === "i") {
    return { ...nothing, column: term.column, made: `columns[${term.column}]` };
  }
  const { absent } = term;
  if (absent === "true") return { ...nothing, made: constantColumn(term.kind, "null", slot) };
  if (term.constant !== undefined) {
    return { ...nothing, made: constantColumn(term.kind, term.code, slot) };
  }
  if (term.template !== undefined && slot.index === "i") {
    return templateOutput(label, term.template, slot, unit);
  }
  return term.kind === "string"
    ? textOutput(label, term, slot, unit)
    : fixedOutput(label, { ...term, kind: term.kind }, slot, unit);
}

const constantColumn = (kind: ColumnKind, raw: string, { rows }: Slot): string =>
  `constantColumn(${quoted(kind)}, ${raw}, ${rows})`;

function textOutput(label: string, term: Scalar, { index, rows }: Slot, unit: Unit): Output {
  const name = unit.fresh("o");
  unit.prologue.push(`const ${name} = new Array(${rows}).fill(null);`);
  const write = `${name}[${index}] = ${term.code};`;
  const writes = [term.absent === "false" ? write : `if (${not(term.absent)}) ${write}`];
  return { label, checks: [], writes, made: `textColumn(${name})` };
}

function fixedOutput(
  label: string,
  term: Scalar & { kind: Exclude<ColumnKind, "string"> },
  { index, rows }: Slot,
  unit: Unit,
): Output {
  const name = unit.fresh("o");
  unit.prologue.push(`const ${name} = new ${arrays[term.kind]}(${rows}); // ${quoted(label)}`);
  const cell = term.kind === "bool" ? `${wrapped(term.code)} ? 1 : 0` : term.code;
  const writes = [`${name}[${index}] = ${cell};`];
  let valid = "undefined";
  if (term.absent !== "false") {
    valid = unit.fresh("o");
    unit.prologue.push(`const ${valid} = new Uint8Array((${rows} + 7) >> 3);`);
    writes.push(`if (${not(term.absent)}) ${valid}[${index} >> 3] |= 1 << (${index} & 7);`);
  }
  return {
    label,
    checks: [],
    writes,
    made: `fixedColumn(${quoted(term.kind)}, ${name}, ${valid})`,
  };
}

function templateOutput(
  label: string,
  { parts, fillers }: NonNullable<Scalar["template"]>,
  slot: Slot,
  unit: Unit,
): Output {
  const outputs = fillers.map((filler) => scalarOutput(label, filler, slot, unit));
  const writes = outputs.flatMap((one) => one.writes);
  const lazy = (columns: readonly string[], rows: string): string =>
    `lazyColumn(${unit.constant(parts)}, [${columns.join(", ")}], ${rows})`;
  const perTable = ({ column }: Output): boolean =>
    column !== undefined && unit.batch.columns[column].form === "table";
  if (outputs.length > 0 && outputs.every(perTable)) {
    // The same in all rows of a table.
    const values = lazy(
      outputs.map(({ made }) => `${made}.values`),
      "tableEnds.length",
    );
    return {
      label,
      checks: [],
      writes,
      made: `{ kind: "string", form: "table", values: ${values} }`,
    };
  }
  const columns = outputs.map((one) =>
    perTable(one) ? `expand(${one.made}, tableEnds)` : one.made,
  );
  return { label, checks: [], writes, made: lazy(columns, slot.rows) };
}
