import type { HttpRequest, Signal } from "@tocsin/platform/host";
import { monotonic } from "./clock.ts";
import type { Asked, Exchange } from "./exchange.ts";
import { longestTimer } from "./timer.ts";

/** Stops exchanges whose time is over or whose caller gives up, with one timer and one listener per signal for all of them. */
export class TimeLimits {
  readonly #exchanges: () => Iterable<Exchange>;
  readonly #signals = new WeakSet<Signal>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer goes off. */
  #due = Infinity;

  constructor(exchanges: () => Iterable<Exchange>) {
    this.#exchanges = exchanges;
  }
  /** Watches over a request from now on. */
  keep({ request, signal, started }: Asked): void {
    this.#await(endOf(request, started), started);
    if (signal === undefined || this.#signals.has(signal)) return;
    this.#signals.add(signal);
    signal.addEventListener("abort", () => this.#aborted(signal));
  }
  #await(end: number, now: number): void {
    if (end >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = end;
    // Connections keep the process alive; the timer need not.
    this.#timer = setTimeout(() => this.#late(), Math.min(end - now, longestTimer)).unref();
  }
  #late(): void {
    // When the process was stopped, answers may have arrived unread: what is there is read first.
    setImmediate(() => {
      this.#due = Infinity;
      // A timer may be early by less than a millisecond.
      const now = monotonic() + 1;
      let next = Infinity;
      for (const exchange of this.#exchanges()) {
        const { request, started } = exchange.asked;
        const end = endOf(request, started);
        if (end > now) next = Math.min(next, end);
        else exchange.stop("timeout", `no answer within ${request.timeoutMilliseconds / 1000} s`);
      }
      this.#await(next, now);
    });
  }
  #aborted(signal: Signal): void {
    for (const exchange of this.#exchanges())
      if (exchange.asked.signal === signal)
        exchange.stop("aborted", "stopped before the answer came");
  }
}

/** When the time of a request is over. */
const endOf = ({ timeoutMilliseconds: limit }: HttpRequest, started: number): number =>
  limit > 0 ? started + limit : Infinity;
