import {
  type Batch,
  cellAt,
  cellOf,
  type FlatColumn,
  keyOf,
  tableStart,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import type { Program } from "@tocsin/engine/interpret";
import type { Clock } from "@tocsin/platform/host";
import { refusals, type RunReport, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { interruptible } from "../interruptible.ts";
import { RunError, ScriptError } from "./errors.ts";
import { maskedReport } from "./masked-report.ts";
import { compile } from "./program.ts";
import type { FinishedRun } from "../gate.ts";
import { delivered, openWorld, type WorldOptions } from "./world.ts";

/** How a program is run. Everything outside that it can reach can be replaced. */
export interface RunOptions extends WorldOptions {
  /** The value of `now()`: a time, or nanoseconds since the epoch. Default: the clock's. */
  readonly now?: Date | bigint;
}

/** A part of a table, at most some ten thousand rows. A table may come in several parts. */
export interface TableRows {
  /** The name of the result: `_result`, or the one given to `yield`. */
  readonly result: string;
  /** The group key: the values that all rows of the table share. */
  readonly key: Readonly<Record<string, Raw>>;
  readonly columns: readonly {
    readonly label: string;
    readonly kind: ColumnKind;
    readonly key: boolean;
  }[];
  /** Cells by column: float is number; int, uint and time (nanoseconds since the epoch) are bigint. */
  readonly rows: readonly Readonly<Record<string, Raw>>[];
}

/**
 * A run under way: its tables as they come, then how it ended. Once somebody reads, the run waits for a slow reader. A
 * reader that stops (`break`) does not stop the run.
 */
export interface Running extends AsyncIterable<TableRows> {
  /**
   * Resolves at the end of the run, whether or not the tables are read. Rejects with `ScriptError` for a script with
   * mistakes of grammar or types, which does not run; never for bad data.
   */
  readonly finished: Promise<Finished>;
}

/** How a run ended. */
export interface Finished {
  readonly report: RunReport;
  readonly deliveries: FinishedRun;
}

/**
 * Runs a program, or the text of a script, and yields its tables. Iterating throws `RunError` after the last table
 * when a result failed, and the reason of `signal` when that ended the run. Nothing prints, and nothing exits.
 */
export function run(script: Program | string, options: RunOptions = {}): Running {
  const program = typeof script === "string" ? compile(script) : script;
  const queue = new TableQueue();
  const finished = perform(program, options, queue);
  finished.catch(() => undefined);
  return {
    finished,
    async *[Symbol.asyncIterator]() {
      yield* queue.tables(finished);
      const { report } = await finished;
      options.signal?.throwIfAborted();
      if (report.errors.length > 0) throw new RunError(report.errors.map(({ error }) => error));
    },
  };
}

async function perform(
  program: Program,
  options: RunOptions,
  queue: TableQueue,
): Promise<Finished> {
  try {
    const refused = await mistakesOf(program);
    if (refused.length > 0) throw new ScriptError(program.tree.source, refused);
    return await performed(program, options, queue);
  } finally {
    queue.end();
  }
}

async function performed(
  program: Program,
  options: RunOptions,
  queue: TableQueue,
): Promise<Finished> {
  const world = await openWorld(options, `run ${program.tree.source.name}`);
  const pushed = (name: string, batch: Batch) =>
    options.signal?.aborted === true ? undefined : queue.push(tablesOf(name, batch));
  let failed = true;
  try {
    const bare = await runProgram(
      program,
      {
        host: interruptible(world.host, options.signal),
        buckets: world.buckets,
        deliveries: world.deliveries,
        library: standardLibrary,
        signal: options.signal,
        onSecret: (key, value) => world.masker.add(key, value),
        now: await world.deliveries.remembered(nowOf(options, world.host.clock)),
      },
      { push: (name, batch) => pushed(name, batch), finish: () => undefined },
    );
    const report = maskedReport(bare, (text) => world.masker.mask(text));
    const deliveries = await delivered(world);
    world.work?.note({ "tocsin.rows": report.rows, "tocsin.events": report.handed.events });
    failed = report.errors.length > 0 || report.badRows.length > 0;
    return { report, deliveries };
  } finally {
    await world.close();
    world.work?.end(failed ? "failed" : undefined);
  }
}

/** The mistakes in a program, which is checked once however often it runs. */
function mistakesOf({ tree }: Program): ReturnType<typeof refusals> {
  const found = checked.get(tree) ?? refusals(tree, []);
  checked.set(tree, found);
  return found;
}

const checked = new WeakMap<Program["tree"], ReturnType<typeof refusals>>();

function nowOf({ now }: RunOptions, clock: Clock): bigint {
  if (now === undefined) return clock.now();
  return typeof now === "bigint" ? now : BigInt(now.getTime()) * 1_000_000n;
}

function tablesOf(result: string, batch: Batch): TableRows[] {
  const { schema, columns } = batch;
  const ofRows = schema.flatMap(({ label }, i): (readonly [string, FlatColumn])[] => {
    const column = columns[i];
    return column.form === "table" ? [] : [[label, column]];
  });
  return Array.from(batch.tableEnds, (end, table) => {
    // Rows are copies of one object with the cells that all of them share: so V8 knows their shape without a look-up per property.
    const common = Object.fromEntries(
      schema.map(({ label }, i) => {
        const column = columns[i];
        return [label, column.form === "table" ? cellOf(column, 0, table) : null] as const;
      }),
    );
    const rows: Record<string, Raw>[] = [];
    for (let row = tableStart(batch, table); row < end; row++) {
      const cells = { ...common };
      for (const [label, column] of ofRows) cells[label] = cellAt(column, row);
      rows.push(cells);
    }
    const { labels, cells } = keyOf(batch, table);
    const key = Object.fromEntries(labels.map((label, i) => [label, cells[i]]));
    return { result, key, columns: schema, rows };
  });
}

/** When so many parts of tables wait for a reader that has begun, the run waits for the reader. */
const QUEUED_MAX = 32;

/** Tables that wait to be read. Without a reader all of them are kept, and the run does not wait: none may ever come. */
class TableQueue {
  #tables: TableRows[] = [];
  #ended = false;
  #reading = false;
  #wake: () => void = () => undefined;
  #resume: () => void = () => undefined;

  push(tables: readonly TableRows[]): void | Promise<void> {
    this.#tables.push(...tables);
    this.#wake();
    if (!this.#reading || this.#tables.length < QUEUED_MAX) return undefined;
    return new Promise((resolve) => (this.#resume = resolve));
  }
  end(): void {
    this.#ended = true;
    this.#wake();
  }
  async *tables(finished: Promise<unknown>): AsyncGenerator<TableRows> {
    this.#reading = true;
    try {
      for (;;) {
        const ready = this.#tables;
        this.#tables = [];
        yield* ready;
        this.#resume();
        if (this.#tables.length > 0) continue;
        if (this.#ended) break;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      // A reader that stops does not stop the run: its pages still leave.
      this.#reading = false;
      this.#resume();
    }
    await finished;
  }
}
