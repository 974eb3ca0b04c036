import { FluxError } from "@tocsin/data/value";
import type { Host, Signal } from "@tocsin/platform/host";

/**
 * The host with a loop at whose turns work that was told to stop ends, also inside of a source that
 * has not yet pushed a row.
 */
export function interruptible(host: Host, signal: Signal | undefined): Host {
  if (signal === undefined) return host;
  const { loop } = host;
  const turn = async (): Promise<void> => {
    await loop.turn();
    if (signal.aborted) throw new FluxError("canceled", "the run was stopped");
  };
  return { ...host, loop: { due: () => loop.due(), turn } };
}
