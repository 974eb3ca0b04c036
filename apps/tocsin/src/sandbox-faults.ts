import type { Random } from "@tocsin/platform/host";

/** A way in which the stand-in misbehaves, and how often. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly probability: number }
  | { readonly kind: "delay"; readonly milliseconds: number; readonly probability: number }
  | {
      readonly kind: "reset" | "hang" | "failure-body" | "html";
      readonly probability: number;
    };

const shape = /^([a-z-]+)(?:=([^:]+))?(?::(0(?:\.\d+)?|1(?:\.0+)?|\.\d+))?$/;
const known =
  "status=CODE, delay=TIME, reset, hang, failure-body, html; each may end in :PROBABILITY";

/**
 * Reads `status=429:0.1`, `delay=500ms`, `reset`, `hang`, `failure-body`, `html:0.5`. Throws an
 * `Error` whose message is for people.
 */
export function parseFault(text: string): Fault {
  const [, kind, value, chance] = shape.exec(text) ?? [];
  const probability = chance === undefined ? 1 : Number(chance);
  if (value === undefined) {
    if (kind === "reset" || kind === "hang" || kind === "failure-body" || kind === "html") {
      return { kind, probability };
    }
  } else if (kind === "status" && /^[1-5]\d\d$/.test(value) && Number(value) >= 200) {
    return { kind, status: Number(value), probability };
  } else if (kind === "delay") {
    const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(value) ?? [];
    const factor = unit === "ms" ? 1 : unit === "s" ? 1000 : 60_000;
    if (number !== undefined) return { kind, milliseconds: Number(number) * factor, probability };
  }
  throw new Error(`"${text}" is not a fault. There are: ${known}`);
}

/** The faults that strike this time: every delay, and the first of the others. */
export function strike(faults: readonly Fault[], random: Random): { delay: number; fault?: Fault } {
  let delay = 0;
  let fault: Fault | undefined;
  for (const one of faults) {
    // Each fault draws a number even when another one struck, so that adding a fault does not change when the others strike.
    const hit = random.next() < one.probability;
    if (hit && one.kind === "delay") delay += one.milliseconds;
    else if (hit) fault ??= one;
  }
  return fault === undefined ? { delay } : { delay, fault };
}
