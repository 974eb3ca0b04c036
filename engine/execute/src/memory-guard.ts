import { FluxError } from "@tocsin/data/value";
import type { Loop, Memory } from "@tocsin/platform/host";
import type { Station } from "./station.ts";

/** Rows that pass between two looks at the memory of the process. */
const rowsBetweenLooks = 65_536;

/** The part of the limit that is left for rows on their way, and for what is made between two looks. */
const margin = 1 / 8;

/**
 * Keeps a run within its memory limit. It counts what the process takes, not the columns that were made, as that is
 * what the machine runs out of. Only when the limit is near, operators are asked how much they hold.
 */
export class MemoryGuard {
  readonly #memory: Memory | undefined;
  readonly #loop: Loop;
  readonly #stations: () => Iterable<Station>;
  #rows = 0;

  constructor(memory: Memory | undefined, loop: Loop, stations: () => Iterable<Station>) {
    this.#memory = memory;
    this.#loop = loop;
    this.#stations = stations;
  }
  /** Called when rows have passed; looks now and then. Fails the station that holds most when the limit is near. */
  async passed(rows: number): Promise<void> {
    this.#rows += rows;
    if (this.#rows < rowsBetweenLooks) return;
    this.#rows = 0;
    if (this.#near()) await this.#relieve();
  }
  /** Called during long work; does the same. */
  async turned(): Promise<void> {
    if (this.#near()) await this.#relieve();
  }
  /** Throws if there is no memory for a station to make what it holds again, in another order or shape. */
  expect(station: Station): void {
    if (this.#memory === undefined || station.node === undefined) return;
    const { held } = station;
    if (held > this.#memory.limit / 64 && this.#near(held))
      throw passedLimit(station, this.#memory);
  }

  #near(more = 0): boolean {
    const memory = this.#memory;
    const most = memory === undefined ? 0 : memory.limit * (1 - margin);
    return memory !== undefined && memory.used(most - more) + more > most;
  }
  async #relieve(): Promise<void> {
    // Memory outside the heap that was found to be unused is given back in the next turns of the loop.
    await this.#loop.turn();
    await this.#loop.turn();
    if (this.#memory === undefined || !this.#near()) return;
    const [most] = [...this.#stations()].sort((a, b) => b.held - a.held);
    if (most === undefined || most.held < this.#memory.limit / 64)
      throw passedLimit(undefined, this.#memory);
    most.fail(passedLimit(most, this.#memory));
  }
}

function passedLimit(station: Station | undefined, { limit }: Memory): FluxError {
  const name = station === undefined ? undefined : station.name;
  const message =
    station === undefined
      ? `the run needs more memory than its limit of ${megabytes(limit)} MB`
      : `${name} holds ${megabytes(station.held)} MB of rows: with what it makes of them the run needs ` +
        `more memory than its limit of ${megabytes(limit)} MB`;
  const before = name === undefined ? "earlier" : `before ${name}`;
  return new FluxError("resource exhausted", message, {
    hint: `read a shorter range, or filter or aggregate ${before}; or give it more with --memory`,
  });
}

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
