import { History } from "@tocsin/adapters/buckets";
import type { Masker } from "@tocsin/alerting/oncall";
import type { Definitions, Program } from "@tocsin/engine/interpret";
import type { Buckets } from "@tocsin/engine/plan";
import { type Backtest, backtest } from "@tocsin/library/backtest";
import { standardLibrary } from "@tocsin/library/stdlib";
import type { Host, Signal } from "@tocsin/platform/host";
import type { Streams } from "../command.ts";
import type { Moments } from "./moments.ts";

/** What the scripts of a backtest share. */
export interface Stage {
  readonly host: Host;
  readonly buckets: Buckets;
  readonly masker: Masker;
  readonly definitions: Definitions;
  readonly supersede: boolean;
  readonly signal: Signal;
  readonly streams: Streams;
}

/** Runs scripts over the same history, which is read only once. */
export class Replay {
  readonly #stage: Stage;
  readonly #history: History;

  /** `from`, `to`: bounds of the moments. Nanoseconds since the epoch. */
  constructor(stage: Stage, from: bigint, to: bigint) {
    this.#stage = stage;
    this.#history = new History(stage.buckets, from, to);
  }
  /** Runs one script at its moments. Only its own later runs see what it writes. */
  async run(program: Program, { moments, delay }: Moments): Promise<Backtest> {
    const { host, masker, definitions, supersede, signal, streams } = this.#stage;
    const progress = new Progress(streams, moments.length);
    try {
      return await backtest(
        program,
        { moments, delay, supersede, progress: (runs) => progress.show(runs) },
        {
          host: { ...host, secrets: { get: (key) => secretOr(host, key) } },
          buckets: this.#history.overlay(),
          library: standardLibrary,
          definitions,
          signal,
          onSecret: (key, value) => masker.add(key, value),
        },
      );
    } finally {
      progress.end();
    }
  }
}

/** A secret, or a placeholder for a missing one: nothing is sent. */
async function secretOr(host: Host, key: string): Promise<string> {
  return (await host.secrets.get(key)) ?? `placeholder-of-${key}`;
}

/** Milliseconds between two updates of the progress. */
const showEvery = 100;

/** Shows the progress on a terminal. */
class Progress {
  readonly #streams: Streams;
  readonly #total: number;
  #shownAt = performance.now();
  #shown = false;

  constructor(streams: Streams, total: number) {
    this.#streams = streams;
    this.#total = total;
  }
  show(runs: number): void {
    if (this.#streams.err.isTTY !== true || performance.now() - this.#shownAt < showEvery) return;
    this.#shownAt = performance.now();
    this.#shown = true;
    const part = Math.floor((100 * runs) / this.#total);
    this.#streams.err.write(`\r${runs} of ${this.#total} runs (${part} %)`);
  }
  end(): void {
    if (this.#shown) this.#streams.err.write("\r\u001B[K");
  }
}
