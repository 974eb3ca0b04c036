import { writeFile } from "node:fs/promises";
import type { Profiler, StepProfile, Worker } from "@tocsin/library/runtime";
import { UsageError } from "./command.ts";
import { reason } from "./scripts.ts";

/** What each step of a run did, as a table, the most expensive first. */
function profileTable(profiler: Profiler, script: string): string {
  const { elapsed } = profiler;
  const steps = [...profiler.steps.values()].sort((a, b) => b.milliseconds - a.milliseconds);
  const inSteps = steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = steps.map((step) => cells(step, elapsed));
  const rest = [
    "reading the script, waiting",
    "",
    "",
    "",
    "",
    "",
    ...shares(elapsed - inSteps, elapsed),
  ];
  const all = ["total", "", "", "", "", "", ...shares(elapsed, elapsed)];
  const head = [
    "step",
    "rows in",
    "rows out",
    "batches in",
    "batches out",
    "bytes out",
    "time",
    "share",
  ];
  return `profile of ${script}\n${aligned([head, ...rows, rest, all])}`;
}

function cells(step: StepProfile, elapsed: number): string[] {
  const { rowsIn, rowsOut, batchesIn, batchesOut, bytesOut } = step;
  const counts = [rowsIn, rowsOut, batchesIn, batchesOut].map((count) =>
    count.toLocaleString("en"),
  );
  return [nameOf(step.worker), ...counts, bytes(bytesOut), ...shares(step.milliseconds, elapsed)];
}

function shares(milliseconds: number, all: number): string[] {
  return [`${milliseconds.toFixed(1)} ms`, `${((milliseconds / all) * 100).toFixed(0)} %`];
}

function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(1)} kB`;
  return `${(count / 1024 ** 2).toFixed(1)} MB`;
}

/** The name of a step with its line in the script. */
function nameOf(worker: Worker): string {
  if (typeof worker === "string") return worker;
  const { at, kind } = worker;
  const line = at?.file.text.slice(0, at.start).split("\n").length;
  return line === undefined ? kind.name : `${kind.name} (line ${line})`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join("");
}

/** An event in the trace format that Chrome, Edge, Firefox's profiler, Perfetto and speedscope read. */
interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "M";
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The profiles of a command's scripts: shown one by one, and collected as a trace with one track for each script. */
export class Profiles {
  readonly #tell: { write(text: string): unknown } | undefined;
  readonly #events: TraceEvent[] = [];
  #scripts = 0;

  /** `tell`: receives the tables. */
  constructor(tell: { write(text: string): unknown } | undefined) {
    this.#tell = tell;
  }
  add(script: string, profiler: Profiler): void {
    this.#tell?.write(profileTable(profiler, script));
    const track = { pid: 1, tid: ++this.#scripts };
    this.#events.push({ name: "thread_name", ph: "M", ts: 0, ...track, args: { name: script } });
    for (const { worker, start, duration, rows } of profiler.spans) {
      const times = { ts: Math.round(start * 1000), dur: Math.round(duration * 1000) };
      this.#events.push({ name: nameOf(worker), ph: "X", ...times, ...track, args: { rows } });
    }
  }
  /** Writes the trace, if a file is given. */
  async write(file: string | undefined): Promise<void> {
    if (file === undefined) return;
    const text = JSON.stringify({ displayTimeUnit: "ms", traceEvents: this.#events });
    await writeFile(file, `${text}\n`).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`cannot write ${file}: ${reason(error)}`);
    });
  }
}
