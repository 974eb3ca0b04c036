import type { Batch, FlatColumn } from "@tocsin/data/column";
import { type Cell, type ColumnKind, isColumnKind, type Value } from "@tocsin/data/value";
import type { Span } from "@tocsin/language/syntax";
import type { Env } from "./env.ts";
import { isSimple, quoted } from "./logic.ts";
import {
  NULL_TERM,
  nullScalar,
  type Scalar,
  scalar,
  type Struct,
  type Term,
  zero,
} from "./term.ts";

/** Statements in braces, and the variables that hold what was loaded in them. */
interface Block {
  readonly lines: string[];
  readonly loaded: Map<string, string>;
}

/** More lines than this, and the function is walked instead: it would not be fast code either way. */
const linesMax = 4000;

/** Deeper expressions are walked: compiling them takes more of the stack than walking them. */
const nestingMax = 300;

/** Thrown when a function is better walked than compiled. */
export class TooLarge extends Error {}

/**
 * One piece of generated code in the making: its constants, the variables it loads from the batch,
 * and the statements of its loop. Rows are `i`, tables `t`.
 */
export class Unit {
  readonly batch: Batch;
  readonly constants: unknown[] = [];
  /** Options that were read; the code holds as long as they have these values. */
  readonly guards: { readonly cell: Cell; readonly value: Value }[] = [];
  /** Runs once for each batch, before the loop. */
  readonly prologue: string[] = [];
  /** Runs once for each table. */
  readonly perTable: Block = { lines: [], loaded: new Map() };
  readonly #blocks: Block[] = [{ lines: [], loaded: new Map() }];
  readonly #constantNames = new Map<unknown, string>();
  readonly #declared = new Map<string, string>();
  readonly #minusZero = {};
  readonly #columnsUsed = new Set<number>();
  #names = 0;
  #lines = 0;
  #nesting = 0;
  /** How many inlined calls deep the code is that is being made. */
  depth = 0;
  /** Whether a statement may throw, so that the loop needs a `try`. */
  throws = false;
  /** Whether anything depends on the row, and not only on its table. */
  perRow = false;

  constructor(batch: Batch) {
    this.batch = batch;
  }
  /** The compiler goes into an expression. */
  descend(): void {
    if ((this.#nesting += 1) > nestingMax) throw new TooLarge();
  }
  ascend(): void {
    this.#nesting -= 1;
  }
  fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }
  /** The name under which generated code sees `value`. */
  constant(value: unknown): string {
    // A Map takes -0 for 0, which are different floats.
    const key = Object.is(value, -0) ? this.#minusZero : value;
    let name = this.#constantNames.get(key);
    if (name === undefined) {
      name = `k${this.constants.length}`;
      this.constants.push(value);
      this.#constantNames.set(key, name);
    }
    return name;
  }
  emit(line: string): void {
    if ((this.#lines += 1) > linesMax) throw new TooLarge();
    this.#top().lines.push(line);
  }
  /** A variable that holds `code`, evaluated at this point. */
  bound(code: string, prefix = "v"): string {
    const name = this.fresh(prefix);
    this.emit(`const ${name} = ${code};`);
    return name;
  }
  /** `code`, or a variable for it when it is long. */
  short(code: string): string {
    return code.length > 60 && !isSimple(code) ? this.bound(code) : code;
  }
  /** Notes where an error comes from that the next statement may throw. */
  at(node: { readonly span: Span } | undefined, env: Env): void {
    this.throws = true;
    this.perRow = true;
    this.emit(node === undefined ? "at = undefined;" : `at = ${this.constant(env.place(node))};`);
  }
  /** Throws the given error, which the walk would throw as well. `code` is an expression. */
  raise(code: string, node: { readonly span: Span } | undefined, env: Env, when = "true"): void {
    if (when === "false") return;
    this.at(node, env);
    this.emit(when === "true" ? `throw ${code};` : `if (${when}) throw ${code};`);
  }
  /** What `work` emits, apart from what was emitted before. */
  captured<T>(work: () => T): { result: T; lines: string[] } {
    const block: Block = { lines: [], loaded: new Map() };
    this.#blocks.push(block);
    const result = work();
    this.#blocks.pop();
    return { result, lines: block.lines };
  }
  /** The statements of the loop's body. */
  get body(): readonly string[] {
    return this.#blocks[0].lines;
  }
  /** A variable made once and then used again as long as its block lasts. */
  loaded(key: string, code: () => string, table = false): string {
    const block = table ? this.perTable : this.#top();
    const found = table
      ? block.loaded.get(key)
      : this.#blocks.map((one) => one.loaded.get(key)).find((name) => name !== undefined);
    if (found !== undefined) return found;
    const name = this.fresh(table ? "t" : "v");
    if (table) block.lines.push(`const ${name} = ${code()};`);
    else this.emit(`const ${name} = ${code()};`);
    block.loaded.set(key, name);
    return name;
  }
  /** A line before the loop that declares a variable, once for `key`. */
  declared(key: string, prefix: string, code: (name: string) => string): string {
    const found = this.#declared.get(key);
    if (found !== undefined) return found;
    const name = this.fresh(prefix);
    this.#declared.set(key, name);
    this.prologue.push(code(name));
    return name;
  }
  /** The row as a record of which the columns are known. */
  row(): Struct {
    const fields = new Map<string, Term>();
    this.batch.schema.forEach((spec, i) => fields.set(spec.label, this.#columnTerm(i)));
    return { form: "struct", fields, row: true };
  }
  /** The row as a `Value`. */
  rowValue(): string {
    this.perRow = true;
    const reader = this.declared(
      "reader",
      "reader",
      (name) => `const ${name} = new RowReader(batch);`,
    );
    return this.loaded("row", () => `${reader}.record(i, t)`);
  }
  flatColumn(index: number): FlatColumn {
    const column = this.batch.columns[index];
    return column.form === "table" ? column.values : column;
  }
  /** Columns whose cells the code reads. */
  get columnsUsed(): ReadonlySet<number> {
    return this.#columnsUsed;
  }

  #top(): Block {
    return this.#blocks[this.#blocks.length - 1];
  }
  /** Code is made when the term is used, so that columns that nobody looks at cost nothing. */
  #columnTerm(index: number): Scalar {
    const { kind } = this.batch.schema[index];
    const load = (): Scalar => this.#load(index);
    return {
      form: "scalar",
      kind,
      column: index,
      get code() {
        return load().code;
      },
      get absent() {
        return load().absent;
      },
      get coded() {
        return load().coded;
      },
    } as Scalar;
  }
  #load(index: number): Scalar {
    const isTable = this.batch.columns[index].form === "table";
    const column = this.flatColumn(index);
    const row = isTable ? "t" : "i";
    if (!isTable) this.perRow = true;
    this.#columnsUsed.add(index);
    const absent = column.valid === undefined ? "false" : `isNull(${this.#valid(index)}, ${row})`;
    switch (column.form) {
      case "flat":
        return this.#loadFlat(index, column.kind, { row, absent, isTable });
      case "coded":
        return this.#loadCoded(index, { row, absent, isTable });
      case "plain":
      case "lazy": {
        const texts = this.#texts(index);
        const text = (): string => guarded(absent, `${texts}(${row})`);
        const code = this.loaded(`text:${index}`, text, isTable);
        return { ...scalar("string", code, absent), column: index };
      }
    }
  }
  #loadFlat(
    index: number,
    kind: ColumnKind,
    { row, absent, isTable }: { row: string; absent: string; isTable: boolean },
  ): Scalar {
    const data = this.declared(`data:${index}`, "c", (name) => this.#declare(index, name, "data"));
    const cell = kind === "bool" ? `${data}[${row}] === 1` : `${data}[${row}]`;
    const code = isTable ? this.loaded(`cell:${index}`, () => cell, true) : cell;
    return { ...scalar(kind, code, absent), column: index };
  }
  #loadCoded(
    index: number,
    { row, absent, isTable }: { row: string; absent: string; isTable: boolean },
  ): Scalar {
    const codes = this.declared(`codes:${index}`, "c", (name) =>
      this.#declare(index, name, "codes"),
    );
    const dictionary = this.declared(
      `dictionary:${index}`,
      "d",
      (name) => `const ${name} = ${this.#source(index)}.dictionary;`,
    );
    const cell = isTable
      ? this.loaded(`cell:${index}`, () => `${codes}[t]`, true)
      : `${codes}[${row}]`;
    const code = guarded(absent, `${dictionary}.text(${cell})`);
    return {
      ...scalar("string", code, absent),
      column: index,
      coded: { code: cell, dictionary },
    };
  }
  #declare(index: number, name: string, part: string): string {
    const label = quoted(this.batch.schema[index].label);
    return `const ${name} = ${this.#source(index)}.${part}; // ${label}`;
  }
  #valid(index: number): string {
    return this.declared(
      `valid:${index}`,
      "n",
      (name) => `const ${name} = ${this.#source(index)}.valid;`,
    );
  }
  #texts(index: number): string {
    return this.declared(`texts:${index}`, "c", (name) => {
      const label = quoted(this.batch.schema[index].label);
      return `const ${name} = textsOf(${this.#source(index)}); // ${label}`;
    });
  }
  #source(index: number): string {
    return this.batch.columns[index].form === "table"
      ? `columns[${index}].values`
      : `columns[${index}]`;
  }
}

/** Text code of what may be null: a dictionary has no entry for a null. */
const guarded = (absent: string, code: string): string =>
  absent === "false" ? code : `(${absent} ? "" : ${code})`;

/** The term of a value from outside. */
export function constantTerm(value: Value, unit: Unit): Term {
  if (value.kind === "null") {
    return value.of !== undefined && isColumnKind(value.of) ? nullScalar(value.of) : NULL_TERM;
  }
  if (!isColumnKind(value.kind)) return { form: "constant", value } as Term;
  const { kind, value: raw } = value as {
    kind: ColumnKind;
    value: NonNullable<Scalar["constant"]>;
  };
  const code = kind === "bool" ? String(raw) : unit.constant(raw);
  return { ...scalar(kind, code), constant: raw };
}

/** A term whose code may be used many times. */
export function settled(term: Term, unit: Unit): Term {
  if (term.form !== "scalar" || term.constant !== undefined || term.column !== undefined)
    return term;
  const code = isSimple(term.code) ? term.code : unit.bound(term.code);
  const absent = isSimple(term.absent) ? term.absent : unit.bound(term.absent);
  return scalar(term.kind, code, absent);
}

/** A scalar out of a `Value` variable that is of this kind or null. */
export function unboxedScalar(kind: ColumnKind, variable: string, unit: Unit): Scalar {
  const absent = `${variable}.kind === "null"`;
  const code = unit.bound(`${absent} ? ${zero[kind]} : ${variable}.value`);
  return scalar(kind, code, unit.bound(absent));
}
