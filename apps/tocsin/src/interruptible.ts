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
  stop: { readonly signal: Signal; waiting<T>(promise: Promise<T>): Promise<T> },
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
      return dispatches.map((one): Dispatch => {
        const released = () => Promise.race([one.settled, aborted]);
        if (one.kind === "direct") return { kind: one.kind, settled: released() };
        return {
          kind: one.kind,
          get now() {
            return one.now;
          },
          get settled() {
            return stop.waiting(released());
          },
        };
      });
    },
  };
}
