import { MemoryOutbox, runDeliveries, Sender, wallMilliseconds } from "@tocsin/alerting/delivery";
import type { Masker } from "@tocsin/alerting/oncall";
import type { Host } from "@tocsin/platform/host";
import { type Finding, inArea } from "./finding.ts";

const test = inArea("test event");

/** How long to wait for an answer. Milliseconds. */
const patience = 15_000;

/** Posts one INFO event, which pages nobody, and explains the answer. It is not kept. */
export async function testEvent(
  url: string,
  world: {
    readonly host: Host;
    readonly masker: Masker;
    readonly deliverTo: string | undefined;
  },
): Promise<Finding> {
  const { host, masker, deliverTo } = world;
  const { clock, random, http, secrets, loop } = host;
  const store = new MemoryOutbox();
  const sender = new Sender({ store, clock, random, http, secrets, loop, masker });
  await sender.start();
  try {
    const gate = runDeliveries(sender, {
      runId: "doctor",
      http,
      wait: patience,
      ...(deliverTo === undefined ? {} : { deliverTo }),
    });
    const body = {
      entity_display_name: "Tocsin's doctor",
      entity_id: "tocsin-doctor",
      message_type: "INFO",
      monitoring_tool: "Tocsin",
      state_message: "A test of the way to On-Call. INFO pages nobody.",
      state_start_time: Math.floor(wallMilliseconds(clock) / 1000),
    };
    await gate.deliver([
      {
        method: "POST",
        url,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        integration: "victorops",
      },
    ]);
    const {
      deliveries: [delivery],
    } = await gate.finish();
    const place = masker.mask(deliverTo === undefined ? url : `${deliverTo} instead of ${url}`);
    if (delivery.state === "accepted")
      return test("ok", `${place} accepted an INFO event: it is a line in the timeline of On-Call`);
    const why = delivery.detail === "" ? delivery.reason : delivery.detail;
    return test("problem", `${place} did not accept an INFO event: ${why}`);
  } finally {
    await sender.stop();
  }
}
