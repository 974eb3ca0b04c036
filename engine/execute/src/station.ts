import type { Batch, Schema } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";
import type { Loop, Steps } from "@tocsin/platform/host";
import type { Operator, Outlet } from "./operator.ts";
import type { MemoryGuard } from "./memory-guard.ts";
import type { Profiler, Worker } from "./profiler.ts";
import { pieceRows } from "./pushing.ts";

/** What the stations of an execution share. */
interface Surroundings {
  readonly loop: Loop;
  readonly guard: MemoryGuard;
  readonly profiler: Profiler | undefined;
}

interface Reader {
  readonly station: Station;
  readonly port: number;
}

/** More schemas than this are not kept one by one. */
const schemasKept = 64;

/**
 * A node at work: passes its operator's rows to all readers, and keeps errors from results that do not depend on it.
 */
export class Station implements Outlet {
  readonly node: LogicalNode | undefined;
  readonly #readers: Reader[] = [];
  operator: Operator | undefined;
  failed: FluxError | undefined;
  /** Its name in messages. */
  readonly name: string;
  readonly #loop: Loop;
  readonly #profiler: Profiler | undefined;
  readonly #guard: MemoryGuard;
  #openPorts: number;
  #ended = false;
  #received = 0;
  /** What is left of the work that the end of the input has queued. */
  #steps: Steps | undefined;
  /** How many rows this step has passed on. With their columns they explain silence at the end of a run. */
  rows = 0;
  readonly #labels = new Set<string>();
  #schemas: Schema[] = [];

  /** `of`: the node, or the name of what takes a result. */
  constructor(of: Worker, ports: number, { loop, profiler, guard }: Surroundings) {
    this.node = typeof of === "string" ? undefined : of;
    this.name = typeof of === "string" ? of : of.kind.name;
    this.#loop = loop;
    this.#profiler = profiler;
    this.#guard = guard;
    this.#openPorts = ports;
  }
  /** About how many bytes of rows its operator holds. */
  get held(): number {
    return this.failed === undefined && !this.#ended ? (this.operator?.held?.() ?? 0) : 0;
  }
  /** What profiles know it by. */
  get #worker(): Worker {
    return this.node ?? this.name;
  }
  addReader(station: Station, port: number): void {
    this.#readers.push({ station, port });
  }
  /** Whether anybody still reads this station's rows. */
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
    this.#profiler?.gave(this.#worker, batch);
    if (batch.rows > 0 && batch.schema !== this.#schemas.at(-1)) this.#seen(batch.schema);
    for (const { station, port } of this.#readers) station.receive(batch, port);
  }
  /** The columns that any of its rows had. */
  get labels(): ReadonlySet<string> {
    for (const schema of this.#schemas) for (const { label } of schema) this.#labels.add(label);
    this.#schemas = [];
    return this.#labels;
  }
  /** Keeps a schema as it is: most runs never ask for the columns. */
  #seen(schema: Schema): void {
    this.#schemas.push(schema);
    if (this.#schemas.length > schemasKept) void this.labels;
  }
  receive(batch: Batch, port: number): void {
    if (this.failed !== undefined || this.operator === undefined) return;
    this.#received += batch.rows;
    this.#profiler?.took(this.#worker, batch);
    this.#profiler?.enter(this.#worker, batch.rows);
    try {
      this.operator.push(batch, port);
    } catch (error) {
      this.fail(error);
      return;
    } finally {
      this.#profiler?.leave();
    }
    if (this.#isSmall) this.#stepAtOnce(() => false);
  }
  /** Input `port` has ended. */
  end(port: number): void {
    if (this.failed !== undefined || this.operator === undefined) return;
    this.#profiler?.enter(this.#worker);
    try {
      this.#openPorts -= 1;
      if (this.#openPorts === 0) this.#guard.expect(this);
      this.operator.finish(port);
    } catch (error) {
      this.fail(error);
      return;
    } finally {
      this.#profiler?.leave();
    }
    if (this.#openPorts > 0) return;
    if (!this.busy || (this.#isSmall && this.#stepAtOnce(() => this.#loop.due()))) this.ended();
  }
  /** Whether the operator queues so little that it is done at once. */
  get #isSmall(): boolean {
    return this.#received <= pieceRows && this.operator?.work === undefined;
  }
  /**
   * Does what the operator has queued until it gets `tooLong`, as a join makes many rows of few. True: nothing is
   * left.
   */
  #stepAtOnce(tooLong: () => boolean): boolean {
    this.#steps = this.operator?.steps?.();
    while (this.#steps !== undefined && !tooLong())
      if (!this.#step(this.#steps)) this.#steps = undefined;
    return this.#steps === undefined && this.failed === undefined;
  }
  /** Whether its operator queues what it is given, for `work`. */
  get busy(): boolean {
    return this.operator?.work !== undefined || this.operator?.steps !== undefined;
  }
  /**
   * Does what the operator has queued, and ends the station if its inputs have ended. Awaits `between` after each
   * step; what that throws ends the run.
   */
  async work(between: () => Promise<void>): Promise<void> {
    if (this.failed !== undefined || this.#ended || !this.busy) return;
    if (this.operator?.work !== undefined) {
      this.#profiler?.enter(this.#worker);
      try {
        await this.operator.work(between);
      } catch (error) {
        this.fail(error);
        return;
      } finally {
        this.#profiler?.leave();
      }
    }
    const steps = this.#steps ?? this.operator?.steps?.();
    while (steps !== undefined && this.#step(steps)) await between();
    if (this.failed === undefined && this.#openPorts === 0) this.ended();
  }
  /** Takes one step. False: there is no other. */
  #step(steps: Steps): boolean {
    if (!this.wanted) return false;
    this.#profiler?.enter(this.#worker);
    try {
      return steps.next().done !== true;
    } catch (error) {
      this.fail(error);
      return false;
    } finally {
      this.#profiler?.leave();
    }
  }
  /** Tells the readers that all rows have been pushed. */
  ended(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { station, port } of this.#readers) station.end(port);
  }
  /** Fails this station and all that depend on it. Only the first error counts. */
  fail(error: unknown): void {
    if (this.failed !== undefined) return;
    this.failed = asFluxError(error).placed(this.node?.at);
    // Lets go of what it holds.
    this.operator = undefined;
    this.#steps = undefined;
    for (const { station } of this.#readers) station.fail(this.failed);
  }
}

/** What evaluation threw, as an error for people. Anything unforeseen is a fault of Tocsin's. */
export function asFluxError(error: unknown): FluxError {
  if (error instanceof FluxError) return error;
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return new FluxError("resource exhausted", "the expression is nested too deeply", {
      cause: error,
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError && /allocation failed|Invalid typed array length/.test(text)) {
    return new FluxError("resource exhausted", "there is not enough memory for the rows", {
      hint: "read a shorter range, or filter or aggregate earlier",
      cause: error,
    });
  }
  if (error instanceof RangeError && text === "Invalid string length") {
    return new FluxError(
      "resource exhausted",
      "a text would have more than 500 million characters",
      {
        hint: "look for a text that is put together again and again",
        cause: error,
      },
    );
  }
  return new FluxError("internal", text, { cause: error });
}
