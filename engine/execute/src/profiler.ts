import { type Batch, bytesOf } from "@tocsin/data/column";
import type { LogicalNode } from "@tocsin/engine/plan";
import type { Clock } from "@tocsin/platform/host";

/** What is at work: a step of a plan, or what takes a result (`result NAME`). */
export type Worker = LogicalNode | string;

/** What one step of a plan did, in one execution. */
export interface StepProfile {
  readonly worker: Worker;
  /** Milliseconds in which this step itself was at work; those of a source include its waiting. */
  milliseconds: number;
  rowsIn: number;
  rowsOut: number;
  batchesIn: number;
  batchesOut: number;
  /** About how many bytes of columns it passed on. */
  bytesOut: number;
}

/** A stretch of time in which a step, and those that it pushed to, were at work. Milliseconds. */
export interface Span {
  readonly worker: Worker;
  readonly start: number;
  readonly duration: number;
  readonly rows: number;
}

/** The most spans that are kept: no browser shows more, and memory is limited. */
const spansMax = 200_000;

/** Measures the steps of a run, which are entered and left, nested within each other. */
export class Profiler {
  readonly steps = new Map<Worker, StepProfile>();
  readonly spans: Span[] = [];
  readonly #clock: Clock;
  readonly #began: number;
  readonly #open: { step: StepProfile; start: number; rows: number }[] = [];
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.monotonic();
    this.#since = 0;
  }
  /** Milliseconds since this was made. */
  get elapsed(): number {
    return this.#clock.monotonic() - this.#began;
  }
  enter(worker: Worker, rows = 0): void {
    const now = this.#charge();
    this.#open.push({ step: this.#step(worker), start: now, rows });
  }
  leave(): void {
    const now = this.#charge();
    const done = this.#open.pop();
    if (done === undefined || this.spans.length >= spansMax) return;
    const { step, start, rows } = done;
    this.spans.push({ worker: step.worker, start, duration: now - start, rows });
  }
  took(worker: Worker, batch: Batch): void {
    const step = this.#step(worker);
    step.rowsIn += batch.rows;
    step.batchesIn += 1;
  }
  gave(worker: Worker, batch: Batch): void {
    const step = this.#step(worker);
    step.rowsOut += batch.rows;
    step.batchesOut += 1;
    step.bytesOut += bytesOf(batch);
  }

  /** Charges the time since the last look to the step that is at work. */
  #charge(): number {
    const now = this.elapsed;
    const top = this.#open.at(-1);
    if (top !== undefined) top.step.milliseconds += now - this.#since;
    this.#since = now;
    return now;
  }
  #step(worker: Worker): StepProfile {
    let step = this.steps.get(worker);
    if (step === undefined) {
      const counts = { rowsIn: 0, rowsOut: 0, batchesIn: 0, batchesOut: 0, bytesOut: 0 };
      step = { worker, milliseconds: 0, ...counts };
      this.steps.set(worker, step);
    }
    return step;
  }
}
