import type { Masker } from "@tocsin/alerting/oncall";
import type { Clock, Http, Log } from "@tocsin/platform/host";
import { wallMilliseconds } from "./attempt.ts";
import { isPage } from "./rate.ts";
import type { OutboxStore } from "./store.ts";

/** What a watchdog works with. Times in milliseconds. */
export interface WatchdogOptions {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly http: Http;
  readonly masker: Masker;
  /** The heartbeat's address, a secret; undefined: it is not known now. */
  readonly url: () => Promise<string | undefined>;
  /** A page that waits for longer is late. */
  readonly lateAfter: number;
  readonly log?: Log;
}

const pause = 60_000;

/**
 * Calls an outside watcher once a minute, only while all is well: no page is late, no endpoint is
 * blocked, the store takes writes. Who watches hears of trouble by silence; so it also hears when this
 * process, its machine or its network is gone.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #next = -Infinity;
  #trouble = "";
  /** The wall clock when the watcher last answered well. */
  lastSuccess: number | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Calls when it is time. Never rejects: a heartbeat that fails harms nothing here. */
  async tick(): Promise<void> {
    const { clock, log } = this.#options;
    const now = clock.monotonic();
    if (now < this.#next) return;
    this.#next = now + pause;
    const trouble = (await this.#unwell()) ?? (await this.#call());
    // Told when it begins and when it changes, not every minute.
    if (trouble !== undefined && trouble !== this.#trouble) {
      log?.write("warn", `no heartbeat: ${trouble}`);
    }
    this.#trouble = trouble ?? "";
  }

  /** Why all is not well; undefined: it is. */
  async #unwell(): Promise<string | undefined> {
    const { store, clock, lateAfter } = this.#options;
    try {
      await store.touch();
      const before = wallMilliseconds(clock) - lateAfter;
      if ((await store.late({ before, limit: 1 })).length > 0) return "a page is late";
      const stuck = await store.list({ states: ["parked", "held"], limit: 200 });
      if (stuck.some((one) => isPage(one) && one.reason !== "hold-asked")) {
        return "a page waits for a person";
      }
      const shut = (await store.endpoints()).some((one) => one.state !== "open");
      return shut ? "an endpoint is blocked" : undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #call(): Promise<string | undefined> {
    const { url: find, http, masker, clock } = this.#options;
    const url = await find().catch(() => undefined);
    if (url === undefined) return "its address is not known";
    masker.hide(url);
    try {
      const request = { method: "GET", url, headers: {}, timeoutMilliseconds: 10_000 };
      const { status } = await http.send(request);
      if (status < 200 || status >= 300) return `the watcher answers with ${status}`;
      this.lastSuccess = wallMilliseconds(clock);
      return undefined;
    } catch (error) {
      return `the watcher cannot be reached (${masker.mask(error instanceof Error ? error.message : "")})`;
    }
  }
}
