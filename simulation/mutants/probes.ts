import { type OutboxStore, resumed, type Take } from "@tocsin/alerting/delivery";
import { backoff } from "../../alerting/delivery/src/retry.ts";
import { media, type MediumName } from "../medium.ts";

/**
 * What the laws of a world cannot see, or hardly ever do, asked directly. Gives the name of what does
 * not hold; undefined: all does.
 */
export async function probe(kind: MediumName): Promise<string | undefined> {
  const waits = [0, 0.5, 0.999].map((chance) => backoff(4, { next: () => chance }));
  const jitter = waits[0] === 0 && waits[1] === 4000 && waits[2] > 7000 && waits[2] <= 8000;
  if (!jitter) return "retries are spread";
  return (await tooLate(kind)) ? undefined : "a late verdict changes nothing";
}

const endpoint = "http://on-call/${raw:KEY}/ops";
const event = {
  runId: "one",
  identity: "one",
  integration: "victorops",
  endpoint,
  orderKey: "on-call db",
  entity: "db",
  messageType: "CRITICAL",
  request: { method: "POST", url: endpoint, headers: {}, body: "{}" },
  recordedAt: 1000,
};
const asked: Take = {
  at: 4000,
  leaseUntil: 20_000,
  room: new Map([[endpoint, 1]]),
  admit: (stored) => stored,
  meterOf: () => undefined,
};

/** Whether a verdict is refused after another process has taken the event over, and has begun it anew. */
async function tooLate(kind: MediumName): Promise<boolean> {
  const medium = media[kind]();
  const [slow, other] = [await medium.open(), await medium.open()];
  try {
    await slow.record([event], { supersede: true });
    const begin = async (store: OutboxStore) => (await store.take(asked)).deliveries[0];
    const late = await begin(slow);
    const verdict = { expect: late, step: resumed(late, 3000) };
    await other.resume(2500, [{ id: late.id, attempts: late.attempts }]);
    const whileItWaits = await slow.change([verdict]);
    await begin(other);
    const whileItIsSent = await slow.change([verdict]);
    return !whileItWaits[0] && !whileItIsSent[0];
  } finally {
    await slow.close();
    await other.close();
    await medium.close();
  }
}
