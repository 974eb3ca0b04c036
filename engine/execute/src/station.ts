import type { Batch, Schema } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";
import type { Loop, Steps } from "@tocsin/platform/host";
import type { Operator, Outlet } from "./operator.ts";
import { pieceRows } from "./pushing.ts";

interface Reader {
  readonly station: Station;
  readonly port: number;
}

/** More schemas than this are not kept one by one. */
const schemasKept = 64;

/**
 * A node at work: passes its operator's rows to all who read them, and keeps an error from crossing
 * to results that do not stand on it.
 */
export class Station implements Outlet {
  readonly node: LogicalNode | undefined;
  readonly #readers: Reader[] = [];
  operator: Operator | undefined;
  failed: FluxError | undefined;
  readonly #loop: Loop;
  #openPorts: number;
  #ended = false;
  #received = 0;
  /** Work on what came at the end, of which some is left. */
  #steps: Steps | undefined;
  /** Rows that this step has passed on, and their columns: what explains silence at the end of a run. */
  rows = 0;
  readonly #labels = new Set<string>();
  #schemas: Schema[] = [];

  constructor(node: LogicalNode | undefined, ports: number, loop: Loop) {
    this.node = node;
    this.#loop = loop;
    this.#openPorts = ports;
  }
  addReader(station: Station, port: number): void {
    this.#readers.push({ station, port });
  }
  /** Whether anybody is still interested in this station's rows. */
  get wanted(): boolean {
    return (
      this.failed === undefined && this.#readers.some(({ station }) => station.failed === undefined)
    );
  }
  /** All stations that its rows reach. */
  onward(): ReadonlySet<Station> {
    const found = new Set<Station>([this]);
    for (const { readers } of found) for (const one of readers) found.add(one);
    found.delete(this);
    return found;
  }
  /** The stations that read its rows. */
  get readers(): readonly Station[] {
    return this.#readers.map(({ station }) => station);
  }
  push(batch: Batch): void {
    this.rows += batch.rows;
    if (batch.rows > 0 && batch.schema !== this.#schemas.at(-1)) this.#seen(batch.schema);
    for (const { station, port } of this.#readers) station.receive(batch, port);
  }
  /** Columns that any of the rows had. */
  get labels(): ReadonlySet<string> {
    for (const schema of this.#schemas) for (const { label } of schema) this.#labels.add(label);
    this.#schemas = [];
    return this.#labels;
  }
  /** Only kept: most runs never ask, and then the columns need not be gone through. */
  #seen(schema: Schema): void {
    this.#schemas.push(schema);
    if (this.#schemas.length > schemasKept) void this.labels;
  }
  receive(batch: Batch, port: number): void {
    if (this.failed !== undefined || this.operator === undefined) return;
    try {
      this.#received += batch.rows;
      this.operator.push(batch, port);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#isSmall) this.#stepAtOnce(() => false);
  }
  /** Input `port` has ended. */
  end(port: number): void {
    if (this.failed !== undefined || this.operator === undefined) return;
    try {
      this.#openPorts -= 1;
      this.operator.finish(port);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#openPorts > 0) return;
    if (!this.busy || (this.#isSmall && this.#stepAtOnce(() => this.#loop.due()))) this.ended();
  }
  /** Whether what the operator queues is so little that it is done at once. */
  get #isSmall(): boolean {
    return this.#received <= pieceRows && this.operator?.work === undefined;
  }
  /**
   * Does what the operator queued, unless it is `tooLong`: rows that meet in a join make many of few.
   * True: nothing is left.
   */
  #stepAtOnce(tooLong: () => boolean): boolean {
    this.#steps = this.operator?.steps?.();
    while (this.#steps !== undefined && !tooLong())
      if (!this.#step(this.#steps)) this.#steps = undefined;
    return this.#steps === undefined && this.failed === undefined;
  }
  /** Whether its operator queues what it is given: `work` does it. */
  get busy(): boolean {
    return this.operator?.work !== undefined || this.operator?.steps !== undefined;
  }
  /**
   * Does what the operator queued; ends the station when its inputs have ended. `between` is awaited
   * after each step; what it throws ends the run.
   */
  async work(between: () => Promise<void>): Promise<void> {
    if (this.failed !== undefined || this.#ended || !this.busy) return;
    try {
      await this.operator?.work?.(between);
    } catch (error) {
      this.fail(error);
      return;
    }
    const steps = this.#steps ?? this.operator?.steps?.();
    while (steps !== undefined && this.#step(steps)) await between();
    if (this.failed === undefined && this.#openPorts === 0) this.ended();
  }
  /** One step; false: there is no other. */
  #step(steps: Steps): boolean {
    if (!this.wanted) return false;
    try {
      return steps.next().done !== true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }
  /** All rows have been pushed: tells the readers. */
  ended(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { station, port } of this.#readers) station.end(port);
  }
  /** This station and all that stand on it give no result. The first error is kept. */
  fail(error: unknown): void {
    if (this.failed !== undefined) return;
    this.failed = asFluxError(error).placed(this.node?.at);
    for (const { station } of this.#readers) station.fail(this.failed);
  }
}

/** What evaluation threw, as an error for people. Anything unforeseen is told as Tocsin's own fault. */
export function asFluxError(error: unknown): FluxError {
  if (error instanceof FluxError) return error;
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return new FluxError("resource exhausted", "the expression is nested too deeply", {
      cause: error,
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  return new FluxError("internal", text, { cause: error });
}
