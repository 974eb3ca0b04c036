import { nodeHost } from "@tocsin/adapters/host-node";
import { openSqliteOutbox } from "@tocsin/adapters/outbox";
import { runDeliveries, Sender } from "@tocsin/alerting/delivery";

// A program for `kill.ts` to kill: it pages as a run does, without a script. ORIGIN DATA RUN COUNT.
const [origin, data, runId, count] = process.argv.slice(2);
const host = nodeHost();
const store = await openSqliteOutbox(data);
const sender = new Sender({ ...host, store });
await sender.start();
const run = runDeliveries(sender, { runId, http: host.http, wait: 30_000 });
const requests = Array.from({ length: Number(count) }, (_one, index) => ({
  method: "POST",
  url: `${origin}/integrations/generic/20131114/alert/KEY/ops`,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    message_type: ["CRITICAL", "WARNING", "RECOVERY", "INFO"][index % 4],
    entity_id: `e${index % 7}`,
    state_message: `number ${index}`,
    state_start_time: Math.floor(Date.now() / 1000),
  }),
}));
for (let from = 0; from < requests.length; from += 10) {
  await run.deliver(requests.slice(from, from + 10));
}
const { deliveries } = await run.finish();
await sender.stop();
await store.close();
await host.close();
process.exitCode = deliveries.every((one) => one.state === "accepted") ? 0 : 3;
