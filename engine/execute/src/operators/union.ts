import { operatorKind } from "../per-batch.ts";
import { Regrouping } from "../regrouping.ts";

/**
 * All tables of several streams; tables with the same key become one, in the order of the streams.
 */
export const unionKind = operatorKind<{ readonly streams: number }>(
  { name: "union", rowwise: false, describe: ({ streams }) => `${streams} streams` },
  ({ streams }, out) => {
    const regrouping = new Regrouping();
    const batches: Parameters<Regrouping["add"]>[0][][] = Array.from({ length: streams }, () => []);
    let open = streams;
    return {
      push: (batch, port) => void batches[port].push(batch),
      finish() {
        open -= 1;
        if (open > 0) return;
        for (const batch of batches.flat()) regrouping.add(batch, ({ key }) => key);
        for (const batch of regrouping.batches(false)) out.push(batch);
      },
    };
  },
);
