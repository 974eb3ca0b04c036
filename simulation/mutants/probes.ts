import { backoff } from "../../alerting/delivery/src/retry.ts";

/**
 * What the laws of a world cannot see, asked directly. Gives the name of what does not hold;
 * undefined: all does.
 */
export function probe(): string | undefined {
  const waits = [0, 0.5, 0.999].map((chance) => backoff(4, { next: () => chance }));
  const jitter = waits[0] === 0 && waits[1] === 4000 && waits[2] > 7000 && waits[2] <= 8000;
  return jitter ? undefined : "retries are spread";
}
