import { MemoryOutbox, runDeliveries, Sender } from "@tocsin/alerting/delivery";
import { Masker, OnCall, onCallAddress, type Receipt } from "@tocsin/alerting/oncall";
import type { Program } from "@tocsin/engine/interpret";
import type { Buckets } from "@tocsin/engine/plan";
import { type RunReport, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import {
  type Host,
  type HttpRequest,
  memoryHost,
  scriptedHttp,
  SimulatedClock,
  utf8,
} from "@tocsin/platform/host";

/** A request that arrived. */
interface Arrived {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly url: string;
  readonly body: string;
  /** What On-Call does with it; undefined when it is for somebody else. */
  readonly receipt: Receipt | undefined;
}

/** Runs of scripts with a real sender, an outbox in memory and a stand-in for On-Call, on one simulated clock. */
export class RealRuns {
  readonly arrived: Arrived[] = [];
  readonly #clock: SimulatedClock;
  readonly #host: Host;
  readonly #sender: Sender;
  readonly #masker = new Masker();
  #runs = 0;

  private constructor(start: bigint) {
    this.#clock = new SimulatedClock(start);
    let unnamed = 0;
    const service = new OnCall(() => `unnamed-${++unnamed}`);
    const http = scriptedHttp((request) => this.#answer(service, request));
    const secrets = { get: async (key: string) => `secret-of-${key}` };
    this.#host = memoryHost({ clock: this.#clock, http, secrets });
    const store = new MemoryOutbox();
    this.#sender = new Sender({ store, masker: this.#masker, ...this.#host });
  }
  /** Nothing has run yet, and it is `start`. Nanoseconds since the epoch. */
  static async from(start: bigint): Promise<RealRuns> {
    const runs = new RealRuns(start);
    await runs.#sender.start();
    return runs;
  }
  /** Runs a script once, `delay` nanoseconds after its moment. */
  async run(program: Program, buckets: Buckets, now: bigint, delay = 0n): Promise<RunReport> {
    await this.#clock.advance(Number((now + delay - this.#clock.now()) / 1_000_000n));
    const { http } = this.#host;
    const deliveries = runDeliveries(this.#sender, { runId: `${++this.#runs}`, http, wait: 1000 });
    const environment = {
      host: this.#host,
      onSecret: (key: string, value: string) => this.#masker.add(key, value),
      buckets,
      deliveries,
      library: standardLibrary,
      now,
    };
    let done = false;
    const run = runProgram(program, environment, { push: () => undefined, finish: () => undefined })
      .then(async (report) => {
        await deliveries.finish();
        return report;
      })
      .finally(() => (done = true));
    for (await settled(); !done; await settled()) await this.#clock.advance(100);
    return run;
  }
  /** Lets all that waits go out. */
  async end(): Promise<void> {
    await this.#clock.advance(24 * 3_600_000);
    await this.#sender.stop();
  }

  #answer(service: OnCall, { url, body }: HttpRequest) {
    const text = utf8.decode(body ?? new Uint8Array());
    const at = Number(this.#clock.now() / 1_000_000n);
    const address = onCallAddress(url);
    const receipt =
      address === undefined ? undefined : service.receive(text, address.routingKey, at);
    this.arrived.push({ at, url, body: text, receipt });
    const answer = receipt === undefined ? "" : JSON.stringify(receipt.answer);
    return { status: receipt?.status ?? 200, headers: {}, body: utf8.encode(answer) };
  }
}

/** Lets all happen that can without time passing. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
