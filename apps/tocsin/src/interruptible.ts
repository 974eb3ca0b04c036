import type { Deliveries, Dispatch, Settlement } from "@tocsin/alerting/oncall";
import { FluxError } from "@tocsin/data/value";
import type { Host, Signal } from "@tocsin/platform/host";

const stopped = (): FluxError => new FluxError("canceled", "the run was stopped");

/**
 * A host whose event loop ends stopped work at its next turn, even inside a source that has not pushed a row yet.
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
 * Deliveries whose outcome is no longer waited for once the work is stopped. Waiting for an event is reported to
 * `waiting`, because it does not count as evaluation.
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

/** Learns that deliveries are waited for. */
interface Waiting {
  waiting<T>(promise: Promise<T>): Promise<T>;
}

/** A dispatch that settles as waiting when the work is stopped. */
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
