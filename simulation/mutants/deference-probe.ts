import { Deference, MemoryOutbox, type NewDelivery, Sender } from "@tocsin/alerting/delivery";
import { scriptedHttp, seeded, SimulatedClock, utf8 } from "@tocsin/platform/host";

const endpoint = "http://on-call/${raw:KEY}/ops";
const by = (runId: string, messageType: string, entity: string): NewDelivery => ({
  runId,
  identity: `${runId} ${messageType} ${entity}`,
  integration: "victorops",
  endpoint,
  orderKey: `on-call ${entity}`,
  entity,
  messageType,
  request: { method: "POST", url: endpoint, headers: {}, body: `${messageType} ${entity}` },
  recordedAt: 1000,
});

/**
 * Whether what an earlier run left waits for a run that may replace it, and for nothing else: more of it
 * than a sender takes at once, so that it could hide what the run itself says.
 */
export async function defers(): Promise<boolean> {
  const clock = new SimulatedClock();
  const sent: string[] = [];
  const http = scriptedHttp(async ({ body }) => {
    sent.push(utf8.decode(body ?? new Uint8Array(0)));
    return { status: 200, headers: {}, body: new Uint8Array(0) };
  });
  const store = new MemoryOutbox();
  const old = Array.from({ length: 40 }, (_one, index) => by("one", "CRITICAL", `old-${index}`));
  await store.record([...old, by("one", "INFO", "note")], { supersede: true });
  const deference = new Deference("two", clock.monotonic() + 5000);
  const secrets = { get: async () => "key" };
  const sender = new Sender({ store, clock, random: seeded(1), http, secrets, deference });
  const say = async (...events: NewDelivery[]): Promise<void> => {
    sender.add(await store.record(events, { supersede: true }));
    await clock.advance(1);
  };
  await sender.start();
  await clock.advance(1000);
  await say(by("two", "RECOVERY", "old-0"));
  await say(by("two", "INFO", "old-1"));
  const before = [...sent];
  await clock.advance(3000);
  const meanwhile = sent.length;
  await clock.advance(1000);
  await sender.stop();
  const spoken = ["INFO note", "RECOVERY old-0", "CRITICAL old-1", "INFO old-1"];
  // All but the one that was replaced, when the time is over.
  return before.join() === spoken.join() && meanwhile === 4 && sent.length === 4 + 38;
}
