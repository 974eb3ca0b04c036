import type { Mutant } from "./mutants.ts";

const gate = "alerting/delivery/src/outbox-gate.ts";
const unprotected = "alerting/delivery/src/unprotected.ts";
const catchUp = "alerting/delivery/src/catch-up.ts";
const closing = "alerting/delivery/src/closing.ts";
const store = "alerting/delivery/src/memory-outbox.ts";
const sender = "alerting/delivery/src/sender.ts";
const maker = "alerting/delivery/src/event-maker.ts";

function inGate(name: string, from: string, to: string, file = gate): Mutant {
  return { name: `outbox in trouble: ${name}`, file, from, to, scripts: true };
}

/** Mistakes in what a run does while its outbox fails. */
export const gateMutants: readonly Mutant[] = [
  inGate(
    "what cannot be recorded is not sent",
    "const sent = alone.length === 0 ? [] : await this.#unprotected.deliver(alone);",
    "const sent = alone.map((): Dispatch => ({ kind: 'event', settled: new Promise(() => undefined) }));",
  ),
  inGate(
    "what an earlier process of the run has recorded is sent again",
    "return safe ? found : undefined;",
    "return safe && found === undefined ? found : undefined;",
  ),
  inGate(
    "older events of its entities leave meanwhile",
    'await opened?.sender.withhold(this.#maker.make(alone).map((one) => one?.orderKey ?? ""));',
    "",
  ),
  inGate(
    "the outbox is never told",
    "if (this.#broken) return false;",
    "if (this.#deadline > 0) return false;",
  ),
  inGate("the outbox is told, and all of it goes out again", "this.#unprotected.told(told);", ""),
  inGate(
    "the run forgets what the outbox was told",
    "gate.adopt(await this.#told(store, sent));",
    "await this.#told(store, sent);",
  ),
  inGate(
    "a failed outbox is not told what went out without it",
    "{ sender: broken, own, sent },",
    "{ sender: broken, own, sent: sent.slice(0, 0) },",
  ),
  inGate(
    "a run whose outbox could not be opened does not tell it",
    "const store = sent.length === 0 ? undefined : await this.#again();",
    "const store = sent.length === 0 ? undefined : await this.#again().then(() => undefined);",
  ),
  inGate(
    "a restored outbox is told before what waits in it is held",
    "await adopt(store, wallMilliseconds(this.#world.clock));",
    "",
  ),
  inGate(
    "the last verdict may fail unheard",
    "if (sender.failure !== undefined) throw sender.failure;",
    "",
    closing,
  ),
  inGate(
    "what is not yet sent is forgotten at a rest",
    "return (await this.#store?.list({})) ?? [];",
    "return (await this.#store?.list({ states: ['accepted', 'refused'] })) ?? [];",
    unprotected,
  ),
  inGate(
    "what was accepted is recorded as new",
    'const done = now.state === "accepted" || now.state === "refused";',
    'const done = now.state === "refused";',
    catchUp,
  ),
  inGate(
    "an older state of the entity may follow",
    "...overtaken(older, { answered, newest }, at),",
    "",
    catchUp,
  ),
  inGate(
    "an older state of a dead process may follow",
    "const newer = machine.replaces(one) ? this.#newerAccepted(one) : undefined;",
    "const newer = machine.replaces(one) ? undefined : this.#newerAccepted(one);",
    store,
  ),
  inGate(
    "equal events of both gates are taken for one",
    "const known = this.#made.get(requests);",
    "const known = this.#made.get(requests.length > 99 ? requests : []);",
    maker,
  ),
  inGate(
    "what was asked for before leaves behind newer events",
    "while (flies()) await this.clock.sleep(withheldPause);",
    "",
    sender,
  ),
];
