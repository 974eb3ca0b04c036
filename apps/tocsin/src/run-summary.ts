import { writeFile } from "node:fs/promises";
import type { Masker } from "@tocsin/alerting/oncall";
import { formatTimeNano } from "@tocsin/data/value";
import type { RunReport, Silence } from "@tocsin/library/runtime";
import { type Streams, UsageError } from "./command.ts";
import type { FinishedRun } from "./gate.ts";
import { reason, type Script } from "./scripts.ts";

/** What became of one script. */
interface SummedRun {
  readonly report: RunReport;
  /** Undefined when it sent nothing. */
  readonly finished: FinishedRun | undefined;
  readonly code: number;
  readonly silence: readonly Silence[];
}

interface SummaryWorld {
  readonly masker: Masker;
  readonly streams: Streams;
}

/** The runs of a command as JSON. `docs/shapes/run-summary.md` is the contract. */
export class RunSummaries {
  readonly #runs: object[] = [];

  add(script: Script, { report, finished, code, silence }: SummedRun): void {
    const deliveries: Record<string, number> = {};
    for (const { state } of finished?.deliveries ?? [])
      deliveries[state] = (deliveries[state] ?? 0) + 1;
    this.#runs.push({
      script: script.name,
      exitCode: code,
      now: formatTimeNano(report.now),
      rows: report.rows,
      events: report.handed.events,
      direct: report.handed.requests - report.handed.events,
      deliveries,
      waiting: finished?.waiting ?? 0,
      held: finished?.held ?? 0,
      errors: report.errors.map(({ result, error }) => ({ result, message: error.message })),
      badRows: report.badRows.map(({ row, error }) => ({ row, message: error.message })),
      notes: report.remarks.map(({ text }) => text),
      silence,
    });
  }
  /** Adds a script that was not run because of its mistakes. */
  refused(script: Script, messages: readonly string[]): void {
    const nothing = { rows: 0, events: 0, direct: 0, deliveries: {}, waiting: 0, held: 0 };
    const errors = messages.map((message) => ({ message }));
    const empty = { badRows: [], notes: [], silence: [] };
    this.#runs.push({ script: script.name, exitCode: 1, ...nothing, errors, ...empty });
  }
  /** Writes the runs, with secrets masked; `-` is standard output. Rejects with `UsageError` when that fails. */
  async write(file: string, { masker, streams }: SummaryWorld): Promise<void> {
    const text = `${masker.mask(JSON.stringify(this.#runs, undefined, 2))}\n`;
    if (file === "-") return void streams.out.write(text);
    await writeFile(file, text).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`cannot write ${file}: ${reason(error)}`);
    });
  }
}
