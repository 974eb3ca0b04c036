import type { Batch, Schema } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";
import type { Operator, Outlet } from "./operator.ts";

interface Reader {
  readonly station: Station;
  readonly port: number;
}

/**
 * A node at work: passes its operator's rows to all who read them, and keeps an error from crossing
 * to results that do not stand on it.
 */
export class Station implements Outlet {
  readonly node: LogicalNode | undefined;
  readonly #readers: Reader[] = [];
  operator: Operator | undefined;
  failed: FluxError | undefined;
  #openPorts: number;
  #ended = false;
  /** Rows that this step has passed on, and their columns: what explains silence at the end of a run. */
  rows = 0;
  readonly labels = new Set<string>();
  #lastSchema: Schema | undefined;

  constructor(node: LogicalNode | undefined, ports: number) {
    this.node = node;
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
  push(batch: Batch): void {
    this.rows += batch.rows;
    if (batch.schema !== this.#lastSchema && batch.rows > 0) {
      this.#lastSchema = batch.schema;
      for (const { label } of batch.schema) this.labels.add(label);
    }
    for (const { station, port } of this.#readers) station.receive(batch, port);
  }
  receive(batch: Batch, port: number): void {
    if (this.failed !== undefined || this.operator === undefined) return;
    try {
      this.operator.push(batch, port);
    } catch (error) {
      this.fail(error);
    }
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
    if (this.#openPorts === 0 && this.operator.work === undefined) this.ended();
  }
  /** Does what the operator queued; ends the station when its inputs have ended. */
  async work(): Promise<void> {
    if (this.failed !== undefined || this.#ended || this.operator?.work === undefined) return;
    try {
      await this.operator.work();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#openPorts === 0) this.ended();
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
