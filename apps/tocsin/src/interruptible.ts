import type { Deliveries, Dispatch, Settlement } from "@tocsin/alerting/oncall";
import { FluxError } from "@tocsin/data/value";
import type { Host, Signal } from "@tocsin/platform/host";

const stopped = (): FluxError => new FluxError("canceled", "the run was stopped");

/**
 * The host with a loop at whose turns work that was told to stop ends, also inside of a source that
 * has not yet pushed a row.
 */
export function interruptible(host: Host, signal: Signal | undefined): Host {
  if (signal === undefined) return host;
  const { loop } = host;
  const turn = async (): Promise<void> => {
    await loop.turn();
    if (signal.aborted) throw stopped();
  };
  return { ...host, loop: { due: () => loop.due(), turn } };
}

/**
 * Deliveries whose outcome is not waited for any longer when the work was told to stop. That somebody
 * waits for an event, `waiting` learns: it is no time of the evaluation.
 */
export function letGo(
  deliveries: Deliveries,
  stop: Waiting & { readonly signal: Signal },
): Deliveries {
  const aborted = new Promise<Settlement>((resolve) => {
    stop.signal.addEventListener("abort", () =>
      resolve({ state: "waiting", status: "", reason: "interrupted", detail: "" }),
    );
  });
  return {
    deliver: async (requests) => {
      if (stop.signal.aborted) throw stopped();
      const dispatches = await deliveries.deliver(requests);
      return dispatches.map((one) => new Released(one, stop, aborted));
    },
  };
}

/** Waits for deliveries, and is told of it. */
interface Waiting {
  waiting<T>(promise: Promise<T>): Promise<T>;
}

/** A dispatch that is let go of when the work is told to stop. A class: there may be many. */
class Released implements Dispatch {
  readonly kind: Dispatch["kind"];
  readonly #one: Dispatch;
  readonly #stop: Waiting;
  readonly #aborted: Promise<Settlement>;

  constructor(one: Dispatch, stop: Waiting, aborted: Promise<Settlement>) {
    this.kind = one.kind;
    this.#one = one;
    this.#stop = stop;
    this.#aborted = aborted;
  }
  get now(): Settlement | undefined {
    return this.#one.now;
  }
  get settled(): Promise<Settlement> {
    const released = Promise.race([this.#one.settled, this.#aborted]);
    return this.kind === "direct" ? released : this.#stop.waiting(released);
  }
}
