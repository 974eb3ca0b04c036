import type { Delivery } from "@tocsin/alerting/delivery";
import { expect, test } from "vitest";
import { deliveryLines } from "../src/run-messages.ts";

const waiting: Delivery = {
  runId: "run",
  identity: "",
  integration: "victorops",
  endpoint: "http://127.0.0.1/alert",
  orderKey: "127.0.0.1 host",
  entity: "host",
  messageType: "CRITICAL",
  request: { method: "POST", url: "http://127.0.0.1/alert", headers: {}, body: "{}" },
  recordedAt: 0,
  id: "1",
  state: "waiting",
  attempts: 1,
  failures: 1,
  since: 0,
  inDoubt: false,
  lastStatus: "503",
  reason: "server-error",
  detail: "HTTP 503",
  nextAttemptAt: 8_640_000_000_000_000,
};

test("the next try of a storm is said, too", () => {
  const deliveries = Array.from({ length: 200_000 }, () => waiting);
  const direct = { answered: 0, failed: 0 };
  const rest = { superseded: 0, direct, waiting: 0, held: 0, blocked: [], trouble: [] };
  const lines = deliveryLines({ deliveries, ...rest }, "/data");
  expect(lines[0]).toBe("waiting: HTTP 503");
  expect(lines[1]).toMatch(/^200000 waiting \(next try \d\d:\d\d:\d\d\)$/);
});
